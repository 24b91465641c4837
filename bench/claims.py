"""Claims per second on different wishes over HTTP, against the raw `find_one_and_update` of the same documents.

Both write the same claim into the same kind of document with the same driver, write concern and concurrency; the
service besides speaks HTTP, checks the token, the organisation and the limit, seals names, and publishes to Kafka while
it is measured. Rounds of the two are interleaved, so that both see the same machine; before each round everything that
waited in outboxes has gone. The raw claims go into a database of their own with the same indexes, as the service would
publish their events too. Organisations are many, as they would be; their adoptions are young.
"""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from adoption_service.domain.adoption import Adoption
from adoption_service.domain.claims import Entry
from adoption_service.store.claims import ClaimsStore
from bench.adoption_stack import Claimer, Connection, adoption_stack, cpu_seconds
from bench.figures import Figure, compared
from bench.rounds import Act, Wishes, people
from microwish.events import Actor, Role
from microwish.events.adoption import OrganisationKind, OrganisationRef, WishAdopted
from microwish.ids import uuid7
from microwish.privacy.sealing import Sealer
from microwish.store.aggregate import Aggregates, Change
from microwish.store.grouped import Landed
from microwish.store.mongo import Database, Mongo
from microwish.testing import eventually
from microwish.when import When

CONCURRENCY = 32
ROUNDS = 5
ROUND_SECONDS = 4.0
GOAL = 0.6
PROCESSES = (1, 2, 4)
"""How many processes serve. One is bound to one processor, the driver and the database are not; a storm meets four."""


async def measure_claims() -> list[Figure]:
    """One figure for each number of processes."""
    return [await _measure(processes) for processes in PROCESSES]


async def _measure(processes: int) -> Figure:
    async with adoption_stack(processes=processes) as (stack, servers):
        elsewhere = _apart(stack.mongo)
        apart = ClaimsStore(elsewhere)
        await apart.ensure_indexes()
        wishes, raw_wishes = Wishes(stack), Wishes(stack, elsewhere)
        raw = [await _raw_claim(apart, stack.sealer)] * CONCURRENCY
        claimers = await stack.organisations(CONCURRENCY)
        ports = [stack.ports[number % processes] for number in range(CONCURRENCY)]
        doors = [await _Door.to(port, one) for port, one in zip(ports, claimers, strict=True)]
        rates: dict[str, list[float]] = {"http": [], "raw": []}
        spent: list[tuple[float, float]] = []
        for number in range(ROUNDS + 1):
            await eventually(stack.all_sent, seconds=120)
            before = await _round(raw_wishes, raw)
            used = cpu_seconds(stack.pids), cpu_seconds([servers.mongod])
            over_http = await _round(wishes, [door.claim for door in doors])
            await eventually(stack.all_sent, seconds=120)
            if number:  # the first round warms up
                rates["raw"].append(before[0])
                rates["http"].append(over_http[0])
                now = cpu_seconds(stack.pids), cpu_seconds([servers.mongod])
                spent.append(((now[0] - used[0]) / over_http[1], (now[1] - used[1]) / over_http[1]))
        for door in doors:
            await door.close()
    figure = f"claims of different wishes over HTTP, {processes} {'processes' if processes > 1 else 'process'}"
    service, database = (sum(one[part] for one in spent) / len(spent) * 1000 for part in (0, 1))
    return {
        **compared(figure, rates["http"], rates["raw"], goal=GOAL, unit="claims/s"),
        "milliseconds_of_processor_per_claim": {"service": round(service, 2), "database": round(database, 2)},
    }


async def _round(wishes: Wishes, acts: list[Act]) -> tuple[float, int]:
    """Claims per second by as many people at once, for ROUND_SECONDS, and how many they were."""
    await wishes.stock()
    started = time.perf_counter()
    done = await people(wishes, acts, seconds=ROUND_SECONDS)
    return done / (time.perf_counter() - started), done


class _Door:
    """One person at a connection that is kept."""

    def __init__(self, connection: Connection, claimer: Claimer) -> None:
        self._connection, self._claimer = connection, claimer

    @classmethod
    async def to(cls, port: int, claimer: Claimer) -> "_Door":
        """Connect."""
        return cls(await Connection.to(port), claimer)

    async def claim(self, wish_id: str) -> None:
        """Claim the wish."""
        status, answer = await self._connection.claim(self._claimer, wish_id)
        assert status == 201, answer

    async def close(self) -> None:
        """Hang up."""
        await self._connection.close()


def _apart(mongo: Mongo) -> Database:
    return mongo.client.get_database(
        "bench_raw", write_concern=mongo.db.write_concern, read_concern=mongo.db.read_concern
    )


async def _raw_claim(store: ClaimsStore, sealer: Sealer) -> Act:
    """The same filter and pipeline that the service's claim sends, straight to the driver."""
    template, sent = uuid7(), _Recorder()
    store.aggregates = _OneByOne(sent)  # type: ignore[arg-type]
    adoption, event, when = _claim_of(template, sealer)
    await store.take_slot("", adoption, event, Entry("WishAdopted", event.by, template), when=when)
    where, pipeline, options = sent.where, sent.pipeline, sent.options

    async def claim(wish_id: str) -> None:
        adoption_id = uuid7()
        filled = {**_filled(where, template, adoption_id), "_id": wish_id}
        written = await store.collection.find_one_and_update(
            filled, _filled(pipeline, template, adoption_id), **options
        )
        assert written is not None

    return claim


class _OneByOne(Aggregates):
    """Does by a write of its own what the service does together with others."""

    async def write_together(
        self,
        id: str,
        where: Mapping[str, Any],
        change: Change,
        *,
        when: When,
        expressions: Mapping[str, Any] | None = None,
    ) -> Landed:
        """One write."""
        await self.write(id, where, change, when=when, expressions=expressions)
        return Landed.YES


class _Recorder:
    """Stands where the collection would, and keeps what it was asked to write."""

    where: Any
    pipeline: Any
    options: dict[str, Any]

    async def find_one_and_update(self, where: Any, pipeline: Any, **options: Any) -> None:
        self.where, self.pipeline, self.options = where, pipeline, options


def _filled(value: Any, old: str, new: str) -> Any:
    """The value with another adoption id in it: adoption ids are unique."""
    if isinstance(value, dict):
        return {key: _filled(inner, old, new) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, old, new) for inner in value]
    return new if value == old else value


def _claim_of(id: str, sealer: Sealer) -> tuple[Adoption, WishAdopted, When]:
    who = OrganisationRef(id=uuid7(), name="和风邮政所党支部", kind=OrganisationKind.PARTY_ORGANISATION)
    sealed, when, person = sealer.seal("李明", about="wish:raw"), When.now(), uuid7()
    adoption = Adoption(
        id=id,
        organisation=who,
        handler_id=person,
        handler_name=sealed,
        office_phone=sealed,
        door_code=sealed,
        claimed_at=when.at,
        term_from=when.at,
        due_at=when.at + timedelta(days=15),
        remind_at=when.at + timedelta(days=12),
    )
    event = WishAdopted(
        wish_id="raw",
        by=Actor(person_id=person, role=Role.MEMBER),
        adoption_id=id,
        organisation_id=who.id,
        handler_id=person,
        organisation=who,
        handler_name=sealed,
        office_phone=sealed,
        door_code=sealed,
        claimed_at=when.at,
        due_at=adoption.due_at,
    )
    return adoption, event, when
