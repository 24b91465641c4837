"""From outboxes to Kafka: take a document by a lease, journal, send, pull what was acknowledged.

Guarantees: nothing of an aggregate reaches the producer before its predecessor is acknowledged. A relay that was
frozen past its lease may repeat events when it thaws, but never puts a later event before the first appearance of an
earlier one. A crash may publish twice; consumers make both invisible. Nothing is pulled that wasn't acknowledged.
To a broker that came back empty nothing goes before all that the journal holds: each send names its incarnation.
"""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from microwish.ids import uuid7
from microwish.logs import get_logger
from microwish.messaging.broker import Broker
from microwish.messaging.incarnation import Incarnations
from microwish.messaging.journal import Journal
from microwish.messaging.publisher import NotSent, Publisher
from microwish.store.lease import FREE, Lease
from microwish.store.mongo import ASCENDING, Collection, Document, PyMongoError, of_majority
from microwish.telemetry import counter, gauge

log = get_logger(__name__)

JOURNAL = "journal"
REPUBLISH_LEASE_SECONDS = 30.0
REPUBLISH_CHUNK = 500
LETTING_GO_SECONDS = 2.0

_sent = counter("relay_sent", "Events acknowledged by Kafka", ("service",))
_depth = gauge("relay_waiting", "Documents seen with something to send", ("service",))


_FREE: Document = {"unsent_since": {"$exists": True}, "$expr": FREE}


@dataclass(frozen=True)
class _Woken:
    """A document that may have something to send. lease: what its write asked for."""

    collection: Collection
    id: str
    lease: Lease | None


@dataclass
class Taken:
    """A document that this relay holds until `deadline` (monotonic seconds: a frozen process sees it pass).

    incarnation: that of the broker to which the journal had been republished when the document was taken.
    """

    collection: Collection
    document: Document
    token: str
    deadline: float
    incarnation: str
    acknowledged: list[str] = field(default_factory=list)

    @property
    def entries(self) -> list[Document]:
        """What the outbox held when it was taken, in order."""
        return list(self.document["outbox"])

    @property
    def expired(self) -> bool:
        """True once the lease may be somebody else's."""
        return time.monotonic() >= self.deadline


@dataclass(frozen=True)
class RelaySettings:
    """lease_seconds: how long a relay may hold a document. poll_seconds: the safety net behind `wake`."""

    lease_seconds: float = 10.0
    poll_seconds: float = 0.5
    batch: int = 200


USUAL_SETTINGS = RelaySettings()


class Relay:
    """Publishes the outboxes of one service's collections. Any number of replicas may run."""

    def __init__(
        self,
        service: str,
        collections: Sequence[Collection],
        journal: Journal,
        publisher: Publisher,
        broker: Broker,
        incarnations: Incarnations,
        settings: RelaySettings = USUAL_SETTINGS,
    ) -> None:
        self._service = service
        self._collections = list(collections)
        self._journal = journal
        self._publisher = publisher
        self._broker = broker
        self._incarnations = incarnations
        self._settings = settings
        self._token = uuid7()
        self._woken: dict[tuple[str, str], _Woken] = {}
        self._signal = asyncio.Event()
        self._republished = ""

    def lease(self) -> Lease | None:
        """For the next write that has something to send; None while this relay has more to do than it can send."""
        if not self._republished or len(self._woken) >= self._settings.batch:
            return None
        return Lease.starting(self._token, self._settings.lease_seconds)

    def wake(self, collection: Collection, id: str, lease: Lease | None = None) -> None:
        """This document has something to send now, and is held by this lease if nobody held it before."""
        before = self._woken.get((collection.name, id))
        if before is None or before.lease is None:  # the older lease ends first, and may be the one that counts
            self._woken[(collection.name, id)] = _Woken(collection, id, lease)
        self._signal.set()

    async def run(self) -> None:
        """Relay until cancelled. An outage of the store or the broker is waited out."""
        next_poll = 0.0
        while True:
            try:
                await self.settled()
                candidates = self._drain()
                if not candidates and time.monotonic() >= next_poll:
                    candidates = await self._unsent()
                    full = len(candidates) >= self._settings.batch
                    next_poll = 0.0 if full else time.monotonic() + self._jittered(self._settings.poll_seconds)
                if candidates:
                    await self.publish(await self._take_all(candidates))
                else:
                    await self._wait(next_poll - time.monotonic())
            except (NotSent, PyMongoError) as error:
                log.warning("relay_waits", service=self._service, error=type(error).__name__, cause=str(error)[:80])
                await asyncio.sleep(self._jittered(0.5))

    async def take(self, collection: Collection, id: str) -> Taken | None:
        """Lease a document by the database's clock; None if somebody holds it or there is nothing to send."""
        taken = await self.take_all(collection, [id])
        return taken[0] if taken else None

    async def take_all(self, collection: Collection, ids: Sequence[str]) -> list[Taken]:
        """Lease those of these documents that have something to send and that nobody holds, under one token.

        What is read by the token afterwards is what a majority has, so nothing that may still be rolled back is sent.
        """
        lease = Lease.starting(uuid7(), self._settings.lease_seconds)
        leased = await collection.update_many({"_id": {"$in": list(ids)}, **_FREE}, [{"$set": {"relay": lease.value}}])
        return await self._held(collection, dict.fromkeys(ids, lease)) if leased.modified_count else []

    async def _held(self, collection: Collection, leases: Mapping[str, Lease]) -> list[Taken]:
        """Those of these documents that are held by the lease named with them and have something to send."""
        tokens = list({lease.token for lease in leases.values()})
        mine = {"_id": {"$in": list(leases)}, "relay.token": {"$in": tokens}, "unsent_since": {"$exists": True}}
        found = await of_majority(collection).find(mine, {"outbox": 1}).to_list(None)
        held = ((document, leases[document["_id"]]) for document in found)
        return [Taken(collection, document, lease.token, lease.deadline, self._republished) for document, lease in held]

    async def let_go(self) -> None:
        """Leave what waits to other relays at once: this one sends no more. Without the database they wait it out."""
        mine = {"unsent_since": {"$exists": True}, "relay.token": self._token}
        try:
            async with asyncio.timeout(LETTING_GO_SECONDS):
                for collection in self._collections:
                    await collection.update_many(mine, {"$unset": {"relay": ""}})
        except (PyMongoError, TimeoutError) as error:
            log.warning("leases_kept", service=self._service, error=type(error).__name__)

    async def publish(self, taken: Sequence[Taken]) -> None:
        """Journal, send and pull what these documents hold. Raises NotSent after pulling what did arrive."""
        if not taken:
            return
        await self.journal(taken)
        failure = await self.send(taken)
        await self.pull(taken)
        if failure is not None:
            raise failure

    async def journal(self, taken: Sequence[Taken]) -> None:
        """Keep the events before anybody can see them."""
        await self._journal.write([entry for one in taken for entry in one.entries])

    async def send(self, taken: Sequence[Taken]) -> NotSent | None:
        """Send all documents side by side, the events of each one after the other; the first failure, if any."""
        failures = await asyncio.gather(*(self._send_one(one) for one in taken))
        return next((failure for failure in failures if failure is not None), None)

    async def _send_one(self, taken: Taken) -> NotSent | None:
        for entry in taken.entries:
            if taken.expired:
                return NotSent("lease_expired")
            try:
                await self._publisher.send_entry(entry, incarnation=taken.incarnation)
            except NotSent as failure:
                return failure
            taken.acknowledged.append(entry["id"])
        _sent.labels(self._service).inc(len(taken.acknowledged))
        return None

    async def pull(self, taken: Sequence[Taken]) -> None:
        """Remove what was acknowledged, by ids; release the lease if it is still this relay's."""
        together: dict[tuple[str, str], list[Taken]] = {}
        for one in taken:
            together.setdefault((one.collection.name, one.token), []).append(one)
        for (_, token), group in together.items():
            ids = [one.document["_id"] for one in group]
            acknowledged = [event for one in group for event in one.acknowledged]
            await group[0].collection.update_many({"_id": {"$in": ids}}, _pull(token, acknowledged))

    async def _take_all(self, candidates: Sequence["_Woken"]) -> list[Taken]:
        by_collection: dict[str, list[_Woken]] = {}
        for one in candidates:
            by_collection.setdefault(one.collection.name, []).append(one)
        taken = await asyncio.gather(*(self._take_woken(group) for group in by_collection.values()))
        return [one for group in taken for one in group]

    async def _take_woken(self, group: Sequence["_Woken"]) -> list[Taken]:
        """All of one collection: first what came with its lease, then what it still takes one for."""
        collection, now = group[0].collection, time.monotonic()
        leases = {one.id: one.lease for one in group if one.lease is not None and one.lease.deadline > now}
        taken = await self._held(collection, leases) if leases else []
        held = {one.document["_id"] for one in taken}
        others = [one.id for one in group if one.id not in held]
        return [*taken, *(await self.take_all(collection, others))] if others else taken

    def _drain(self) -> list["_Woken"]:
        self._signal.clear()
        chosen = list(self._woken.items())[: self._settings.batch]
        for key, _ in chosen:
            del self._woken[key]
        return [one for _, one in chosen]

    async def _unsent(self) -> list["_Woken"]:
        found: list[_Woken] = []
        for collection in self._collections:
            oldest = collection.find(_FREE, {"_id": 1}).sort("unsent_since", ASCENDING).limit(self._settings.batch)
            found += [_Woken(collection, row["_id"], None) async for row in oldest]
        _depth.labels(self._service).set(len(found))
        return found

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                await self._signal.wait()
        except TimeoutError:
            return

    async def settled(self) -> None:
        """Wait until something may be sent: a broker that came back empty first gets all that the journal holds."""
        incarnation = await self._broker.known()
        while incarnation != self._republished:
            if await self._incarnations.of(JOURNAL) == incarnation:
                self._republished = incarnation
            elif token := await self._incarnations.lease(JOURNAL, seconds=REPUBLISH_LEASE_SECONDS):
                try:
                    await self._republish(incarnation, token)
                finally:
                    await self._incarnations.release(JOURNAL, token)
            else:
                await asyncio.sleep(self._jittered(0.2))
            incarnation = await self._broker.known()

    async def _republish(self, incarnation: str, token: str) -> None:
        sent, chunk = 0, list[Document]()
        async for entry in self._journal.entries():
            chunk.append(entry)
            if len(chunk) >= REPUBLISH_CHUNK:
                sent += await self._resend(chunk, incarnation)
                chunk = []
                if not await self._incarnations.prolong(JOURNAL, token, seconds=REPUBLISH_LEASE_SECONDS):
                    return  # somebody else has taken over: what was sent twice is invisible
        sent += await self._resend(chunk, incarnation)
        await self._incarnations.done(JOURNAL, incarnation)
        log.info("journal_republished", service=self._service, events=sent, incarnation=incarnation)

    async def _resend(self, entries: Sequence[Document], incarnation: str) -> int:
        streams: dict[tuple[str, str], list[Document]] = {}
        for entry in entries:
            streams.setdefault((entry["source"], entry["subject"]), []).append(entry)
        resending = (self._resend_stream(stream, incarnation) for stream in streams.values())
        for failure in await asyncio.gather(*resending, return_exceptions=True):
            if failure is not None:
                raise failure
        return len(entries)

    async def _resend_stream(self, entries: Sequence[Document], incarnation: str) -> None:
        for entry in entries:
            await self._publisher.send_entry(entry, incarnation=incarnation)

    @staticmethod
    def _jittered(seconds: float) -> float:
        return seconds * random.uniform(0.8, 1.2)  # noqa: S311  replicas should not poll in step


def _pull(token: str, acknowledged: Sequence[str]) -> list[Document]:
    gone = {"$in": ["$$this.id", {"$literal": list(acknowledged)}]}
    still_mine = {"$eq": ["$relay.token", token]}
    return [
        {"$set": {"outbox": {"$filter": {"input": "$outbox", "cond": {"$not": [gone]}}}}},
        {
            "$set": {
                "unsent_since": {"$cond": [{"$eq": ["$outbox", []]}, "$$REMOVE", "$unsent_since"]},
                "relay": {"$cond": [still_mine, "$$REMOVE", "$relay"]},
            }
        },
    ]
