"""Has a scene played and waits until all that must come of it was seen: on Kafka, and on the phones."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from microwish.events.notify import MessageDelivered
from microwish_local.client import Call, Message, Refused, Silent
from microwish_local.story.play import Expected, Outcome, Play, Scene, Told
from microwish_local.story.watch import EventWatch, Sighting

SCENE_SECONDS = 60.0
"""How long after its commands all of a scene may take to be seen."""


class StoryBroken(Exception):
    """Something did not happen as it must. The message says what, in one line."""


@dataclass(frozen=True)
class Heard:
    """An HTTP call, with when its request was sent (monotonic clock, seconds)."""

    call: Call
    sent_at: float


@dataclass(frozen=True)
class Arrived:
    """A message, with when it was on the phone (monotonic clock, seconds)."""

    told: Told
    message: Message
    at: float


@dataclass(frozen=True)
class Performance:
    """What was seen of one scene."""

    scene: Scene
    began: float
    ended: float
    calls: list[Heard]
    events: list[Sighting]
    messages: list[Arrived]

    def cause_of(self, moment: float) -> float:
        """When the request was sent that something seen at `moment` came from: the last command before it."""
        commands = [heard.sent_at for heard in self.calls if heard.call.method != "GET" and heard.sent_at <= moment]
        return commands[-1] if commands else self.began


class Director:
    """Plays scenes. Without a `watch` only the phones are looked at."""

    def __init__(self, play: Play, watch: EventWatch | None, *, seconds: float = SCENE_SECONDS) -> None:
        self.play = play
        self.script: list[Expected] = []
        self._watch = watch
        self._seconds = seconds
        self._calls: list[Heard] = []
        self._seen_messages: set[str] = set()
        self._clocks = (time.monotonic(), datetime.now(UTC))
        play.client.heard = self._hear

    async def perform(self, scene: Scene) -> Performance:
        """Act it and see what comes of it. Raises: StoryBroken."""
        return await self.see(scene, await self.act(scene))

    async def act(self, scene: Scene) -> tuple[float, Outcome]:
        """Only its commands: when it began (monotonic clock), and what has to come of it. Raises: StoryBroken."""
        self._calls.clear()
        began = time.monotonic()
        try:
            outcome = await scene.act(self.play)
        except (Refused, Silent, AssertionError) as broken:
            raise StoryBroken(f"{scene.title}: {broken}") from broken
        self.script += outcome.events
        return began, outcome

    async def see(self, scene: Scene, acted: tuple[float, Outcome]) -> Performance:
        """Wait for its events and messages. Raises: StoryBroken, naming everything that is missing."""
        began, outcome = acted
        calls = list(self._calls)
        events, messages = await asyncio.gather(
            asyncio.gather(*(self._see_event(expected) for expected in self._expected(outcome))),
            asyncio.gather(*(self._see_message(told) for told in outcome.messages)),
        )
        missing = [str(found) for found in [*events, *messages] if isinstance(found, Expected | Told)]
        if missing:
            raise StoryBroken(f"{scene.title}: not seen within {self._seconds:.0f} s: {', '.join(missing)}")
        seen = [found for found in events if isinstance(found, Sighting)]
        arrived = [found for found in messages if isinstance(found, Arrived)]
        reports = await self._reports(scene, arrived)
        return Performance(scene, began, time.monotonic(), calls, [*seen, *reports], arrived)

    def check_streams(self) -> None:
        """Every stream of the story was seen from its first version on, without gaps, in order, as written.

        Raises: StoryBroken.
        """
        if self._watch is None:
            return
        for stream in dict.fromkeys((one.source, one.subject) for one in self.script if one.version is not None):
            written = [one.event.type_name() for one in self.script if (one.source, one.subject) == stream]
            events = {found.event.id: found.event for found in self._watch.sightings if found.event.stream == stream}
            seen = [(event.version, event.type) for event in events.values()]
            if seen != list(enumerate(written, start=1)):
                raise StoryBroken(f"the stream {stream[0]} of {stream[1]} was seen as {seen}, not as {written}")

    def _expected(self, outcome: Outcome) -> list[Expected]:
        return outcome.events if self._watch is not None else []

    async def _see_event(self, expected: Expected) -> Sighting | Expected:
        assert self._watch is not None

        def matches(sighting: Sighting) -> bool:
            event = sighting.event
            at_version = expected.version is None or event.version == expected.version
            return (
                event.stream == (expected.source, expected.subject)
                and event.type == expected.event.type_name()
                and at_version
            )

        return await self._watch.until(matches, seconds=self._seconds) or expected

    async def _see_message(self, told: Told) -> Arrived | Told:
        deadline, pause = time.monotonic() + self._seconds, 0.03
        while True:
            found = await self._newest(told)
            if found is not None:
                self._seen_messages.add(found.id)
                return Arrived(told, found, self._monotonic(found.sent_at))
            if time.monotonic() > deadline:
                return told
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.5)

    async def _newest(self, told: Told) -> Message | None:
        try:
            messages = await self.play.client.messages(told.phone)
        except (Refused, Silent) as broken:
            raise StoryBroken(f"the sandbox phone of the {told.who}: {broken}") from broken
        of_event = [one for one in messages if one.event_type == told.event.type_name()]
        return next((one for one in of_event if one.id not in self._seen_messages), None)

    async def _reports(self, scene: Scene, arrived: list[Arrived]) -> list[Sighting]:
        """MessageDelivered of each message about this wish, to the person who was told. Raises: StoryBroken."""
        if self._watch is None:
            return []
        reports = []
        for one in arrived:
            if one.message.wish_id is None:
                continue  # a code or a word to an organisation: nothing in its report says whose it is
            person = self.play.session(one.told.phone).person_id
            if (report := await self._report(one, person)) is None:
                raise StoryBroken(f"{scene.title}: MessageDelivered was not seen of {one.told}")
            reports.append(report)
        return reports

    async def _report(self, arrived: Arrived, person_id: str) -> Sighting | None:
        assert self._watch is not None
        about = {"wish_id": arrived.message.wish_id, "event_type": arrived.message.event_type, "person_id": person_id}

        def matches(sighting: Sighting) -> bool:
            event = sighting.event
            return event.type == MessageDelivered.type_name() and about.items() <= dict(event.data).items()

        return await self._watch.until(matches, seconds=self._seconds)

    def _hear(self, call: Call) -> None:
        self._calls.append(Heard(call, time.monotonic() - call.seconds))

    def _monotonic(self, moment: datetime) -> float:
        """A moment of the wall clock on the monotonic one, as far as the two machines' clocks agree."""
        monotonic, wall = self._clocks
        return monotonic + (moment - wall).total_seconds()
