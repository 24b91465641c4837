"""Wishes posted per second over HTTP, against the raw `insert_one` of the same document at the same concurrency.

Both write with w: majority and j: true into a collection with the same indexes. The service besides speaks HTTP, checks
the token and every field, seals what people wrote, and publishes to Kafka while it is measured. Rounds are interleaved;
before each raw round everything that waited in outboxes has gone.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Self

from bench.figures import Figure, compared
from bench.wish_stack import COMMUNITY, WishStack, wish_stack
from microwish.identity.people import Person
from microwish.identity.people import Role as PersonRole
from microwish.ids import uuid7
from microwish.store.aggregate import Aggregates
from microwish.testing import eventually
from microwish.when import When
from wish_service.store.communities import Communities
from wish_service.store.people import People
from wish_service.store.seals import Seals
from wish_service.store.wishes import Wishes
from wish_service.use_cases.asked import Asked
from wish_service.use_cases.post_wish import post_wish
from wish_service.web.api.wishes import command_of
from wish_service.web.schemas import NewWish

CONCURRENCY = 32
ROUNDS = 5
ROUND_SECONDS = 4.0
PROCESSES = {1: 0.4, 2: 0.5}
"""How many processes serve, and the ratio aimed at. One is bound to one processor, the driver and server are not."""
BODY = {
    "title": "想要一台能收戏曲的收音机",
    "detail": "想每天听听越剧，按键大一点就更好了。",
    "category": "goods",
    "community": COMMUNITY,
    "contact": {"name": "王秀英", "phone": "139 1234 5678", "address": "龙潭社区三弄 5 号 301 室"},
    "consents": {"publishing": True, "sensitive": True},
}
Act = Callable[[], Awaitable[None]]


async def measure_posting() -> list[Figure]:
    """Two figures: of one process of the service, and of as many as the machines here have processors."""
    return [await _measure(processes, goal) for processes, goal in PROCESSES.items()]


async def _measure(processes: int, goal: float) -> Figure:
    async with wish_stack(processes=processes) as stack:
        raw = await _raw(stack)
        people = [await _Poster.to(stack, stack.ports[number % processes]) for number in range(CONCURRENCY)]
        rates: dict[str, list[float]] = {"http": [], "raw": []}
        for number in range(ROUNDS + 1):
            await eventually(lambda: _all_sent(stack), seconds=120)
            found = {"raw": await _round([raw] * CONCURRENCY), "http": await _round(people)}
            if number:  # the first round warms up
                for name, rate in found.items():
                    rates[name].append(rate)
        for person in people:
            await person.close()
        figure = f"wishes posted over HTTP, {processes} {'processes' if processes > 1 else 'process'}"
        return compared(figure, rates["http"], rates["raw"], goal=goal, unit="wishes/s")


async def _round(acts: list[Any]) -> float:
    started, done = time.perf_counter(), 0
    until = started + ROUND_SECONDS

    async def person(act: Act) -> None:
        nonlocal done
        while time.perf_counter() < until:
            await act()
            done += 1

    await asyncio.gather(*(person(act) for act in acts))
    return done / (time.perf_counter() - started)


async def _all_sent(stack: WishStack) -> bool:
    return not await stack.mongo.db.get_collection("wishes").count_documents({"unsent_since": {"$exists": True}})


async def _raw(stack: WishStack) -> Act:
    """The insert that the service does for this wish, straight to the driver, into a collection like the service's."""
    settings = stack.settings
    collection = stack.mongo.db.get_collection("raw_wishes")
    await Wishes(Aggregates(collection), settings.terms).ensure_indexes()
    document = await _document(stack)

    async def insert() -> None:
        fresh = uuid7()
        await collection.insert_one({**document, "_id": fresh})

    return insert


async def _document(stack: WishStack) -> dict[str, Any]:
    settings, sent = stack.settings, _Recorder()
    seals = Seals(settings.sealer(), settings.blind_index())
    wishes = Wishes(Aggregates(sent), settings.terms)  # type: ignore[arg-type]
    tree = Communities(Aggregates(stack.mongo.db.get_collection("communities")))
    await tree.refresh()
    person = Person(uuid7(), frozenset({PersonRole.RESIDENT}), (), "")
    asked = Asked(person, wishes, seals, When.now())
    people = People(Aggregates(stack.mongo.db.get_collection("people")), seals)
    command = command_of(NewWish.model_validate(BODY))
    await post_wish(command, asked, id=uuid7(), people=people, tree=tree, settings=settings)
    return sent.document


class _Recorder:
    """Stands where the collection would, and keeps what it was asked to insert."""

    document: dict[str, Any]

    async def insert_one(self, document: dict[str, Any]) -> None:
        self.document = deepcopy(document)


class _Poster:
    """One resident at a kept connection, with next to no cost of its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
        self._reader, self._writer = reader, writer
        body = json.dumps(BODY, ensure_ascii=False).encode()
        head = (
            f"POST /api/wishes HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._request = head.encode() + body

    @classmethod
    async def to(cls, stack: WishStack, port: int) -> Self:
        """Connect as somebody new."""
        token = stack.signer.sign(uuid7(), [PersonRole.RESIDENT], [], "", 3600, datetime.now(UTC))
        return cls(*await asyncio.open_connection("127.0.0.1", port), token)

    async def __call__(self) -> None:
        self._writer.write(self._request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
        answer = await self._reader.readexactly(length)
        assert lines[0].split()[1] == b"201", answer

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()
        await self._writer.wait_closed()
