"""The pilot district: loaded by `up` through the HTTP API, counted right, and there again after a restart."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from microwish.events.signin import SignInCodeIssued
from microwish.testing import eventually
from microwish_local.client import Client
from microwish_local.environment import ADMIN_PHONE
from microwish_local.paths import DATA
from microwish_local.pilot.district import District, read_district
from microwish_local.pilot.plan import Act, steps_of
from microwish_local.testing_stack import RunningStack

pytestmark = pytest.mark.e2e

RunCommand = Callable[..., Awaitable[tuple[int, str]]]


@pytest_asyncio.fixture(scope="module")
async def district_stack(
    tmp_path_factory: pytest.TempPathFactory, stack_arguments: list[str], stack_environment: dict[str, str]
) -> AsyncIterator[RunningStack]:
    """What `microwish up` starts without further words: with the pilot sample."""
    running = RunningStack(tmp_path_factory.mktemp("district") / "state", stack_arguments, stack_environment)
    await running.start(within=600)  # on a machine that does much else besides
    yield running
    await running.stop()


@pytest.fixture(scope="module")
def files() -> District:
    return read_district(DATA / "pilot")


async def test_the_half_year_is_counted_as_it_was(
    district_stack: RunningStack, files: District, capsys: pytest.CaptureFixture[str]
) -> None:
    states = [wish.state for wish in files.wishes]

    async def counted() -> dict[str, Any]:
        """The statistics are late by design, and the load waited only until every claim was in them."""
        found = await client.get("/api/stats")
        assert found["totals"]["fulfilled"] == states.count("fulfilled")
        return found

    async with Client(district_stack.base_url) as client:
        stats = await eventually(counted)

    totals = stats["totals"]
    assert totals["claimed"] == 344
    assert totals["organisations"] == {"party_organisation": 79, "resident_unit": 34}
    assert totals["fulfilled"] == states.count("fulfilled")
    steps = [step.act for wish in files.wishes for step in steps_of(wish)]
    assert totals["posted"] == steps.count(Act.APPROVE)
    assert sum(month["claimed"] for month in stats["months"]) == 344
    assert len(stats["months"]) >= 6
    said = district_stack.console.read_text()
    took = re.search(r"344 wishes claimed by .* · ([\d.]+) s \((.*)\)", said)
    assert took, said
    with capsys.disabled():
        print(f"\npilot district loaded in {took[1]} s ({took[2]})")  # noqa: T201  the figure of the run


async def test_every_page_has_something_to_show(district_stack: RunningStack, files: District) -> None:
    async with Client(district_stack.base_url) as client:
        for status in ("posted", "adopted", "delivered", "fulfilled"):
            page = await client.get("/api/wishes", status=status, limit="50")
            expected = [wish for wish in files.wishes if wish.state == status]
            assert len(page["items"]) == min(50, len(expected)), status
        board = await client.get("/api/board", limit="100")
        assert len(board["items"]) == len([wish for wish in files.wishes if wish.state == "posted"])


async def test_half_a_year_of_the_past_gives_staff_nothing_to_do(district_stack: RunningStack) -> None:
    async with Client(district_stack.base_url) as client:
        admin = await client.sign_in(ADMIN_PHONE)
        tasks = (await client.get("/api/tasks", admin, limit="100"))["items"]
    # Timers count from the recording; to be told by telephone is only what happened since yesterday.
    assert {task["kind"] for task in tasks} <= {"telephone"}
    assert len(tasks) <= 10, tasks


async def test_a_restart_finds_everything_and_tells_nobody_again(
    district_stack: RunningStack, microwish: RunCommand
) -> None:
    before = await _shown(district_stack)

    await district_stack.stop()
    await district_stack.start()

    # A whole story goes through first: by then everything of before has passed the consumers once more.
    options = ("--base-url", district_stack.base_url, "--state-dir", str(district_stack.state_dir))
    status, said = await microwish("story", *options)
    assert status == 0, said
    await eventually(lambda: _claimed(district_stack, before["claimed"] + 1))  # statistics are counted a little later
    after = await _shown(district_stack)
    assert after["messages"].keys() >= before["messages"].keys()
    assert len(set(after["messages"].values())) == len(after["messages"]), "somebody was told twice"
    assert after["claimed"] == before["claimed"] + 1
    assert after["wishes"][1:] == before["wishes"][:-1], "the story's wish is the newest, the others stand as before"


async def _claimed(stack: RunningStack, count: int) -> bool:
    async with Client(stack.base_url) as client:
        return bool((await client.get("/api/stats"))["totals"]["claimed"] == count)


async def _shown(stack: RunningStack) -> dict[str, Any]:
    """What the messages tell whom (sign-in codes apart), how many wishes are claimed, the newest of the wall."""
    async with Client(stack.base_url) as client:
        stats = await client.get("/api/stats")
        wall = await client.get("/api/wishes", status="fulfilled", limit="10")
        messages: dict[str, tuple[str, ...]] = {}
        cursor: str | None = ""
        while cursor is not None:
            page = await client.get("/api/sandbox/messages", limit="200", cursor=cursor)
            messages |= {item["id"]: _news(item) for item in page["items"] if item["event_type"] != _CODE}
            cursor = page["next_cursor"]
    return {"messages": messages, "claimed": stats["totals"]["claimed"], "wishes": [one["id"] for one in wall["items"]]}


def _news(item: dict[str, Any]) -> tuple[str, ...]:
    """Whom it tells what: the text stands for the organisation or wish that it is about."""
    return (item["to"], item["event_type"], item["wish_id"] or "", item["text"])


_CODE = SignInCodeIssued.type_name()
