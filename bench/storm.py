"""A storm: everybody claims one wish at the same moment, over HTTP, at several processes, and connections drop.

Each organisation claims under an Idempotency-Key of its own. Some cut their connection at a random moment after sending
and ask again under the same key at another process, as people do whose telephone lost the network; some who have their
answer ask once more all the same. A round is sound if the wish is held as often as it has slots, by as many
organisations, and what was answered, what the database holds and what was published say the same.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.adoption_stack import AdoptionStack, Claimer, Connection
from microwish.events import Topic
from microwish.ids import uuid7
from microwish.testing import eventually
from microwish.testing.feed import Feed

DROPPED = 0.1
"""The part of requests whose connection is cut before the answer came."""
PATIENCE_SECONDS = 0.2
"""A connection is cut at some moment until then."""
REPEATED = 0.2
"""The part of answered claims that are sent once more."""
TRIES = 50
Answer = tuple[int, dict[str, Any]]


@dataclass
class Tally:
    """What was done, and what was found wrong: nothing, if the guarantees hold."""

    sent: int = 0
    drops: int = 0
    retries: int = 0
    busy: int = 0
    over_adopted: int = 0
    under_filled: int = 0
    wrong: list[str] = field(default_factory=list)


class Storm:
    """Organisations that keep their connections, and the wishes they storm."""

    def __init__(self, stack: AdoptionStack, claimers: Sequence[Claimer], *, seed: int) -> None:
        self._stack = stack
        self._claimers = claimers
        self._chance = random.Random(seed)  # noqa: S311  the same storm for the same seed
        self._idle: dict[int, list[Connection]] = {port: [] for port in stack.ports}
        self.tally = Tally()

    async def round(self, *, slots: int) -> str:
        """One wish, stormed by all at once; its id."""
        (wish_id,) = await self._stack.wishes(1, slots=slots)
        answers = await asyncio.gather(*(self._claim(one, wish_id) for one in self._claimers))
        self._judge_answers(wish_id, answers, slots)
        await self._judge_document(wish_id, answers, slots)
        return wish_id

    async def close(self) -> None:
        """Hang up."""
        for connection in (one for kept in self._idle.values() for one in kept):
            await connection.close()

    async def _claim(self, claimer: Claimer, wish_id: str) -> Answer:
        """What the organisation is told in the end; the same each time, however often it asks."""
        key = uuid7()
        told = await self._insistently(claimer, wish_id, key)
        if self._chance.random() < REPEATED:
            self.tally.retries += 1
            again = await self._insistently(claimer, wish_id, key)
            if again != told:
                self.tally.wrong.append(f"asked again, {told} became {again}")
        return told

    async def _insistently(self, claimer: Claimer, wish_id: str, key: str) -> Answer:
        for _ in range(TRIES):
            answer = await self._ask(claimer, wish_id, key)
            if answer is not None and answer[0] != 503:
                return answer
            self.tally.retries += 1
        raise AssertionError(f"no answer after {TRIES} tries")

    async def _ask(self, claimer: Claimer, wish_id: str, key: str) -> Answer | None:
        """One request at any of the processes; None if its connection was lost."""
        port = self._chance.choice(self._stack.ports)
        connection = self._idle[port].pop() if self._idle[port] else await Connection.to(port)
        self.tally.sent += 1
        if self._chance.random() < DROPPED:
            connection.send_claim(claimer, wish_id, key=key)
            await asyncio.sleep(self._chance.uniform(0, PATIENCE_SECONDS))
            connection.drop()
            self.tally.drops += 1
            return None
        status, body = await connection.claim(claimer, wish_id, key=key)
        self._idle[port].append(connection)
        self.tally.busy += status == 503
        return status, json.loads(body)

    def _judge_answers(self, wish_id: str, answers: Sequence[Answer], slots: int) -> None:
        codes = Counter((status, said.get("code")) for status, said in answers)
        if codes != {(201, None): slots, (409, "taken"): len(answers) - slots}:
            self.tally.wrong.append(f"{wish_id} with {slots} slots was answered {dict(codes)}")

    async def _judge_document(self, wish_id: str, answers: Sequence[Answer], slots: int) -> None:
        document = await self._stack.mongo.db.get_collection("claims").find_one({"_id": wish_id})
        assert document is not None
        held = document["adoptions"]
        self.tally.over_adopted += len(held) > slots
        self.tally.under_filled += len(held) < slots
        if len({one["organisation"]["id"] for one in held}) < len(held):
            self.tally.wrong.append(f"{wish_id} is held twice by one organisation")
        stored = sorted((one["id"], one["organisation"]["id"], one["state"]) for one in held)
        told = sorted((said["id"], said["organisation_id"], said["state"]) for status, said in answers if status == 201)
        if stored != told:
            self.tally.wrong.append(f"{wish_id}: told {told}, stored {stored}")
        if document["streamversion"] != len(held):
            self.tally.wrong.append(f"{wish_id}: {len(held)} hold it, {document['streamversion']} events tell of it")


async def judge_events(stack: AdoptionStack, feed: Feed, wishes: Sequence[str], tally: Tally) -> None:
    """Compare what was published of these wishes with what the database holds, once all of it has arrived."""
    rows = stack.mongo.db.get_collection("claims").find({"_id": {"$in": list(wishes)}}, {"adoptions": 1})
    held = {row["_id"]: [(one["id"], one["organisation"]["id"]) for one in row["adoptions"]] async for row in rows}
    await eventually(stack.all_sent, seconds=120)
    adopted = {wish: list[tuple[int, str, str]]() for wish in wishes}

    def arrived() -> bool:
        for told in adopted.values():
            told.clear()
        for one in feed.events(Topic.ADOPTION, lambda event: event.subject in adopted):
            adopted[one.subject].append((one.version, one.data["adoption_id"], one.data["organisation_id"]))
        return all(len(set(told)) >= len(held[wish]) for wish, told in adopted.items())

    await eventually(arrived, seconds=120)
    for wish, told in adopted.items():
        in_order = [(version, *one) for version, one in enumerate(held[wish], 1)]
        if sorted(set(told)) != in_order:
            tally.wrong.append(f"{wish}: published {sorted(set(told))}, stored {in_order}")
