"""Options, the skip rule and the end of every test suite; the fixtures on real servers are in microwish_local."""

from __future__ import annotations

import os

import hypothesis
import pytest
import structlog

pytest_plugins = ["microwish_local.testing", "microwish_local.testing_stack"]

_skipped = pytest.StashKey[dict[str, str]]()


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.register_profile("microwish", deadline=None)  # a busy machine is no failure
    hypothesis.settings.load_profile("microwish")
    # Where no test configures logs: structlog's own way draws every local variable, for seconds per exception.
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])
    config.stash[_skipped] = {}
    config.pluginmanager.register(_SkipRule(config), "microwish-skip-rule")
    config.pluginmanager.register(_SuiteEnds(), "microwish-suite-ends")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks for no broker has none; whole stacks bring their own."""
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        if "integration" in marks and "kafka_bootstrap" not in getattr(item, "fixturenames", ()):
            item.add_marker("brokerless")


class _SuiteEnds:
    """Ends what a suite shares when its last test has run, not at the end of all: a service that idles costs time.

    A session fixture of a directory's conftest is finished when the next test lies outside of that directory; should
    one from inside come again, it is made anew.
    """

    def __init__(self) -> None:
        self._made: list[tuple[pytest.FixtureDef[object], pytest.FixtureRequest]] = []

    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest) -> None:
        if fixturedef.scope == "session" and fixturedef.baseid:
            self._made.append((fixturedef, request))

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self, nextitem: pytest.Item | None) -> None:
        if nextitem is None:
            return
        left = [one for one in self._made if not nextitem.nodeid.startswith(f"{one[0].baseid}/")]
        self._made = [one for one in self._made if one not in left]
        for fixturedef, request in reversed(left):
            fixturedef.finish(request)  # type: ignore[arg-type]  # the request that it was made for


class _SkipRule:
    """No test is skipped silently: the reasons stand in the summary, and where CI is set a skip is a failure."""

    def __init__(self, config: pytest.Config) -> None:
        self.skipped = config.stash[_skipped]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.skipped[report.nodeid] = reason

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.skipped and _under_ci() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.skipped and _under_ci():
            terminalreporter.section("skipped tests fail under CI", red=True)
            for nodeid, reason in self.skipped.items():
                terminalreporter.line(f"{nodeid}: {reason}")


def _under_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}
