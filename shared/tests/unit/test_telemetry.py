import re

import pytest

from microwish import telemetry

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(autouse=True)
def _tracer() -> None:
    telemetry.configure("test")
    telemetry.configure("test again")


def test_outside_a_trace_there_is_no_traceparent() -> None:
    assert telemetry.current_traceparent() is None


def test_a_span_continues_the_trace_it_came_with() -> None:
    with telemetry.span_from(PARENT, "apply"):
        inner = telemetry.current_traceparent()
    assert inner is not None
    assert inner.split("-")[1] == PARENT.split("-")[1]
    assert inner.split("-")[2] != PARENT.split("-")[2]


@pytest.mark.parametrize("given", [None, "", "nonsense", "00-zz-zz-01", "00-" + "0" * 32 + "-b7ad6b7169203331-01"])
def test_without_a_readable_parent_a_trace_starts(given: str | None) -> None:
    with telemetry.span_from(given, "apply"):
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]", telemetry.current_traceparent() or "")


def test_a_span_lets_errors_through_without_keeping_their_text() -> None:
    with pytest.raises(ValueError, match="13912345678"), telemetry.span_from(None, "apply") as span:
        raise ValueError("13912345678")
    assert "13912345678" not in str(getattr(span, "events", ())) + str(getattr(span, "status", ""))


def test_a_metric_asked_for_twice_is_the_same() -> None:
    for make in (telemetry.counter, telemetry.gauge, telemetry.histogram):
        name = f"test_{make.__name__}"
        assert make(name, "test", ("a",)) is make(name, "test", ("a",))
