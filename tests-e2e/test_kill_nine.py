"""`kill -9` of each process in the middle of the story: it is started again and the story completes.

The process dies right after a command was answered with 2xx, so what was answered must survive it (invariant 3), and
nobody is told twice (invariant 6).
"""

from collections import Counter
from functools import partial
from random import SystemRandom

import pytest

from microwish.events.signin import SignInCodeIssued
from microwish.testing import eventually
from microwish_local.client import Client, Message
from microwish_local.story.cast import Cast
from microwish_local.story.director import Director
from microwish_local.story.play import SCENES, Play, Told
from microwish_local.story.watch import EventWatch, Sighting
from microwish_local.testing_stack import RunningStack

pytestmark = pytest.mark.e2e

SECONDS = 120.0
"""How long a scene may take to be seen while a process is down and comes back."""

DEATHS = {
    "wish-service": Play.staff_approve,
    "adoption-service": Play.organisation_claims,
    "notify-service": Play.organisation_claims,
    "broker": Play.organisation_claims,
    "mongod": Play.handler_delivers,
    "gateway": Play.handler_reads_contact,
}
"""After which act of the story each process is killed."""


@pytest.mark.parametrize("process", DEATHS)
async def test_the_story_completes(own_stack: RunningStack, process: str) -> None:
    if process not in own_stack.children():
        pytest.skip(f"{process} is not a process of this stack")
    cast = Cast.invented(SystemRandom())
    async with Client(own_stack.base_url, patience=SECONDS) as client:
        director = Director(Play(client, cast), None, seconds=SECONDS)
        told = await _play(director, own_stack, process)
        await _nothing_is_lost(own_stack, director)
        await _everybody_is_told_once(client, cast, told)


async def _play(director: Director, stack: RunningStack, victim: str) -> list[Told]:
    told: list[Told] = []
    for scene in SCENES:
        began, outcome = await director.act(scene)
        if scene.act is DEATHS[victim]:
            await _kill(stack, victim)
        await director.see(scene, (began, outcome))
        told += outcome.messages
    return told


async def _kill(stack: RunningStack, victim: str) -> None:
    """Kill it and go on at once; its supervisor says later that it runs again."""
    words = f"{victim} ended (signal 9)"
    before = stack.console.read_text().count(words)
    stack.kill(victim)
    await eventually(lambda: stack.console.read_text().count(words) > before, seconds=SECONDS)


async def _nothing_is_lost(stack: RunningStack, director: Director) -> None:
    """Whoever reads the topics from their first record finds every stream whole, in order (invariants 3 and 5)."""
    script = [one for one in director.script if one.version is not None and one.event is not SignInCodeIssued]
    streams: dict[tuple[str, str], list[str]] = {}
    for one in script:
        streams.setdefault((one.source, one.subject), []).append(one.event.type_name())
    async with EventWatch(stack.kafka_bootstrap, from_start=True) as watch:
        for stream, types in streams.items():
            newest = await watch.until(partial(_is_of, stream, len(types)), seconds=SECONDS)
            assert newest is not None, f"{types[-1]} of {stream[1]} is not on Kafka"
        for stream, types in streams.items():
            first_seen = {found.event.id: found.event for found in watch.sightings if found.event.stream == stream}
            assert [event.type for event in first_seen.values()] == types
            assert [event.version for event in first_seen.values()] == list(range(1, len(types) + 1))


def _is_of(stream: tuple[str, str], version: int, found: Sighting) -> bool:
    return found.event.stream == stream and found.event.version == version


async def _everybody_is_told_once(client: Client, cast: Cast, told: list[Told]) -> None:
    """Each phone holds exactly the messages of the story, once each; sign-in codes apart."""
    for phone in (cast.resident_phone, cast.manager_phone):
        expected = {one.event.type_name() for one in told if one.phone == phone} - {SignInCodeIssued.type_name()}
        received = await client.messages(phone)
        counts = Counter(_news(message) for message in received if not message.is_sign_in_code)
        assert set(counts.values()) == {1}, counts
        assert expected <= {event_type for _, event_type, _ in counts}


async def test_hours_later_nobody_was_told_twice(own_stack: RunningStack) -> None:
    """All phones of all stories of this stack, once it has had all the time of the other tests to repeat itself."""
    async with Client(own_stack.base_url) as client:
        answer = await client.get("/api/sandbox/messages", limit="200")
        received = [Message.of(item) for item in answer["items"]]
    counts = Counter((message.to, _news(message)) for message in received if not message.is_sign_in_code)
    assert not {news: count for news, count in counts.items() if count > 1}


def _news(message: Message) -> tuple[str | None, str, str]:
    return (message.wish_id, message.event_type, message.template)
