"""One event to many: chunk by chunk, resumed after `kill -9` at any step, by several at once, and nobody told twice."""

import asyncio
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from microwish.events import Actor, Category, Role, adoption, wish
from microwish.ids import derived_id, uuid7
from notify_service.use_cases.fan_out import FanOut
from notify_service.use_cases.recipients import Recipients

pytestmark = pytest.mark.integration
ADMIN = Actor(person_id="a", role=Role.ADMIN)
FOLLOWER = "wish_posted_follower.v1"
CHUNK = 3
CUT_OFF = Path(__file__).with_name("cut_off.py")


async def followers_of(desk: Any, fresh_phone: Any, count: int) -> dict[str, str]:
    """Managers who want to hear of new wishes at once: person → phone."""
    managers = {uuid7(): fresh_phone() for _ in range(count)}
    for manager, phone in managers.items():
        await desk.knows_person(manager, phone)
        head = {"organisation_id": uuid7(), "by": ADMIN}
        kind = adoption.OrganisationKind.RESIDENT_UNIT
        registered = adoption.OrganisationRegistered(
            **head, name="邮政所", kind=kind, scope="310117", manager_id=manager
        )
        at_once = adoption.FollowNotice.IMMEDIATELY
        follows = adoption.FollowingChanged(
            **head, communities=["310117001"], categories=[Category.GOODS], notify=at_once
        )
        for event in (registered, adoption.OrganisationVerified(**head), follows):
            await desk.say(event)
    await desk.work()
    return managers


async def posted(desk: Any, story_of: Any) -> str:
    """The fan-out of a wish that was just posted."""
    known = {row["_id"] for row in await desk.rows("fanouts")}
    await story_of(desk).posted()
    of_posted = wish.WishPosted.type_name()
    [fanout] = [row for row in await desk.rows("fanouts", state="open") if row["event"]["type"] == of_posted]
    assert fanout["_id"] not in known
    return str(fanout["_id"])


async def killed(desk: Any, fanout: str, *, chunks: int, step: str, ids: str) -> None:
    """Another process works at it and dies by SIGKILL before this step of the chunk after so many."""
    settings = desk.settings.model_dump(exclude_none=True, exclude_defaults=True)
    secrets = {name: settings[name].get_secret_value() for name in ("sealing_keys", "blind_key")}
    told = {name: "" if value is None else str(value) for name, value in {**settings, **secrets}.items()}
    env = {**os.environ, **{f"MICROWISH_{name.upper()}": value for name, value in told.items()}}
    replica = await asyncio.create_subprocess_exec(
        sys.executable, str(CUT_OFF), fanout, str(chunks), step, ids, stdout=asyncio.subprocess.PIPE, env=env
    )
    assert replica.stdout is not None
    assert (await replica.stdout.readline()).strip() == b"there"
    replica.kill()
    await replica.wait()


def another_replica(desk: Any, ids: Any) -> FanOut:
    service = desk.service
    store = service.store
    recipients = Recipients(store.views, service.timing, limit=CHUNK)
    return FanOut(
        store.fanouts,
        store.notices,
        service.assemble,
        recipients,
        store.preferences,
        desk.clock,
        service.timing,
        identify=ids,
    )


async def told(desk: Any, managers: dict[str, str]) -> Counter[str]:
    """How often each of them was told, as counted on their phones."""
    shown = {phone: [item["template"] for item in await desk.phone(phone)] for phone in managers.values()}
    return Counter({phone: templates.count(FOLLOWER) for phone, templates in shown.items()})


@pytest.mark.parametrize(("chunks", "step"), [(0, "messages"), (1, "told"), (2, "cursor")])
async def test_a_fan_out_killed_at_any_step_goes_on_and_tells_everybody_once(
    make_desk: Any, story_of: Any, fresh_phone: Any, chunks: int, step: str
) -> None:
    desk = await make_desk(fanout_chunk=CHUNK)
    managers = await followers_of(desk, fresh_phone, 3 * CHUNK + 1)
    fanout = await posted(desk, story_of)
    await killed(desk, fanout, chunks=chunks, step=step, ids="derived")
    assert len(await desk.rows("notices", template=FOLLOWER)) == (chunks + 1) * CHUNK
    replicas = [another_replica(desk, derived_id) for _ in range(3)]
    await asyncio.gather(*(replica(fanout) for replica in replicas))  # they only look at the same document
    await desk.work()
    await desk.service.sweep()
    await desk.work()
    assert await told(desk, managers) == Counter(managers.values())


async def test_ids_that_are_not_derived_would_tell_the_chunk_twice(
    make_desk: Any, story_of: Any, fresh_phone: Any
) -> None:
    """The control to the test above: it sees what it is there to see."""
    desk = await make_desk(fanout_chunk=CHUNK)
    managers = await followers_of(desk, fresh_phone, 2 * CHUNK)
    fanout = await posted(desk, story_of)
    await killed(desk, fanout, chunks=0, step="cursor", ids="random")
    await another_replica(desk, lambda *_: uuid7())(fanout)
    await desk.work()
    counts = await told(desk, managers)
    assert sorted(counts.values()) == [1] * CHUNK + [2] * CHUNK


async def test_fan_outs_of_a_process_take_turns_and_a_small_one_passes_a_large_one(
    make_desk: Any, story_of: Any, fresh_phone: Any
) -> None:
    desk = await make_desk(fanout_chunk=CHUNK)
    await followers_of(desk, fresh_phone, 3 * CHUNK)
    large = await posted(desk, story_of)
    assert await desk.service.fan_out.turn(large)
    small = story_of(desk)
    await small.people()
    await desk.say(wish.WishRejected(**small.of_wish, reason=desk.seal("x", f"wish:{small.wish_id}")))
    [other] = await desk.rows("fanouts", **{"event.type": wish.WishRejected.type_name()})
    assert not await desk.service.fan_out.turn(other["_id"])  # all of it in one turn, between two of the large one
    assert len(await desk.rows("notices", template=FOLLOWER)) == CHUNK
    await desk.work()
    [message] = await desk.rows("messages", template="wish_rejected.v1")
    bulk = await desk.rows("messages", template=FOLLOWER)
    assert (message["lane"], {row["lane"] for row in bulk}, {row["fanout"] for row in bulk}) == (
        "normal",
        {"bulk"},
        {large},
    )
