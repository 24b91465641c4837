"""Several workers, and strangers who hurry: a slot is offered once, to who waits; these tests would see a breach."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from adoption_service.domain.adoption import Adoption
from adoption_service.domain.claims import Claims, Decision, Entry
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.claims_documents import STUB, claims_of
from adoption_service.use_cases.pass_time import pass_time
from microwish.events import Actor, Role
from microwish.events.adoption import OrganisationKind, OrganisationRef, WishAdopted
from microwish.ids import uuid7
from microwish.store.mongo import Database, Document
from microwish.when import When

pytestmark = pytest.mark.integration
WORKERS, STRANGERS = 4, 20
TERM = timedelta(hours=48)
SEALED = "v1.k1.AAAA"


class Unguarded(ClaimsStore):
    """A mistake: reads, decides, then writes without a condition. The barrier lets all read before any writes."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.together = asyncio.Barrier(WORKERS)

    async def look(self, wish_id: str, decision: Decision, *, when: When) -> Claims:
        document = await self.aggregates.load(wish_id)
        decided = decision(claims_of(document))
        await self.together.wait()
        for offer in decided.claims.offers if decided else ():
            change: Document = {"$push": {"offers": vars(offer)}, "$unset": {"wake_at": ""}}
            await self.collection.update_one({"_id": wish_id}, change)
        return claims_of(await self.aggregates.load(wish_id))


class Careless(ClaimsStore):
    """Another mistake: the claim looks at holders and offers only, not at who waits."""

    def _free_for(self, organisation_id: str, now: datetime) -> Document:
        return {"$lt": [{"$add": [{"$size": "$adoptions"}, {"$size": "$offers"}]}, "$slots"]}


@pytest_asyncio.fixture
async def apart(world) -> AsyncIterator[Database]:
    """A database that no worker looks after."""
    db = world.service.mongo.client.get_database(f"{world.settings.mongo_database}-apart-{uuid7()[-6:]}")
    yield db
    await world.service.mongo.client.drop_database(db.name)


async def waited_for(db: Database, *waiting: str) -> str:
    """A wish with one free slot, and who waits for it."""
    wish_id = uuid7()
    state = {**STUB, "state": "open", "slots": 1, "queue": list(waiting), "wake_at": datetime(1970, 1, 1, tzinfo=UTC)}
    row = {"_id": wish_id, **state, "revision": 1, "streamversion": 0, "outbox": []}
    await db.get_collection("claims").insert_one(row)
    return wish_id


async def look_at_once(world, store: ClaimsStore, clock: datetime) -> None:
    """All workers look at the same moment."""
    service, when = world.service, When(clock, clock)
    looks = [pass_time(store, service.organisations, service.settings.waiting, when=when) for _ in range(WORKERS)]
    await asyncio.gather(*looks)


async def test_several_workers_offer_a_slot_once_and_end_an_offer_once(world, apart) -> None:
    """Also what ran out while nothing ran at all: it ends at the first look, and the next has its full time."""
    (_, a), (_, b) = [await world.organisation() for _ in range(2)]
    store = ClaimsStore(apart)
    wish_id = await waited_for(apart, a, b)
    start = datetime.now(UTC).replace(microsecond=0)
    await look_at_once(world, store, start)
    claims = await store.find(wish_id)
    assert [(one.organisation_id, one.until) for one in claims.offers] == [(a, start + TERM)]
    long_after = start + timedelta(days=30)
    await look_at_once(world, store, long_after)
    claims = await store.find(wish_id)
    assert [(one.organisation_id, one.until) for one in claims.offers] == [(b, long_after + TERM)]
    document = await store.aggregates.load(wish_id)
    names = [one["type"].split(".")[1] for one in document["outbox"]]
    assert names == ["SlotOffered", "QueueChanged", "OfferEnded", "SlotOffered", "QueueChanged"]
    assert [one["version"] for one in document["outbox"]] == [1, 2, 3, 4, 5]


async def test_unguarded_workers_are_detected(world, apart) -> None:
    """The negative control: the same workers on a store that reads before it writes."""
    _, a = await world.organisation()
    store = Unguarded(apart)
    wish_id = await waited_for(apart, a)
    await look_at_once(world, store, datetime.now(UTC))
    assert len((await store.find(wish_id)).offers) == WORKERS


async def claim(store: ClaimsStore, wish_id: str, organisation_id: str, now: datetime) -> None:
    """The claim's one write; who got a slot is in the document."""
    ref = OrganisationRef(id=organisation_id, name="和风", kind=OrganisationKind.COMPANY)
    due = now + timedelta(days=15)
    adoption = Adoption(uuid7(), ref, "h", SEALED, SEALED, SEALED, now, now, due, None)
    by = Actor(person_id="h", role=Role.MEMBER)
    same = {"wish_id": wish_id, "by": by, "adoption_id": adoption.id, "organisation_id": organisation_id}
    sealed = {"handler_name": SEALED, "office_phone": SEALED, "door_code": SEALED}
    event = WishAdopted.model_validate({**same, **sealed, "organisation": ref, "claimed_at": now, "due_at": due})
    await store.take_slot(wish_id, adoption, event, Entry("WishAdopted", by), when=When(now, now))


async def holders(store: ClaimsStore, wish_id: str) -> list[str]:
    """Who holds a slot of the wish."""
    found = await store.find(wish_id)
    return [one.organisation.id for one in found.adoptions] if found else []


async def test_strangers_never_get_the_slot_that_somebody_waits_for(world, apart) -> None:
    store, now = ClaimsStore(apart), datetime.now(UTC)
    strangers = [f"stranger-{number}" for number in range(STRANGERS)]
    wish_id = await waited_for(apart, "a", "b")
    await asyncio.gather(*(claim(store, wish_id, who, now) for who in [*strangers, "b"]))
    assert await holders(store, wish_id) == []
    await claim(store, wish_id, "a", now)
    assert await holders(store, wish_id) == ["a"], "the first in line need not wait for the offer"
    assert (await store.find(wish_id)).queue == ("b",)
    careless = Careless(apart)
    other = await waited_for(apart, "a", "b")
    await asyncio.gather(*(claim(careless, other, who, now) for who in strangers))
    [got] = await holders(careless, other)
    assert got in strangers, "the negative control: a write that does not look at the list"


async def test_an_offer_never_lets_its_owner_in_where_no_slot_is_free(world, apart) -> None:
    """Whatever the clocks of two replicas say: one holds the offer for expired and gave the slot away."""
    store, now = ClaimsStore(apart), datetime.now(UTC)
    wish_id = await waited_for(apart)
    offer = {"organisation_id": "a", "until": now + timedelta(hours=1)}
    await store.collection.update_one({"_id": wish_id}, {"$set": {"offers": [offer]}})
    await claim(store, wish_id, "stranger", now + timedelta(hours=2))
    await claim(store, wish_id, "a", now)
    assert await holders(store, wish_id) == ["stranger"]


async def test_what_a_claim_leaves_is_put_right_and_not_looked_at_for_ever(world, apart) -> None:
    store, now = ClaimsStore(apart), datetime.now(UTC)
    wish_id = await waited_for(apart, "a")
    await claim(store, wish_id, "a", now)
    assert await holders(store, wish_id) == ["a"]
    assert await store.due(now) == [wish_id], "the time to wake of before the claim"
    await asyncio.wait_for(look_at_once(world, store, now), timeout=60)
    assert await store.due(now) == []
    document = await store.aggregates.load(wish_id)
    assert document["wake_at"] == (await store.find(wish_id)).adoptions[0].due_at
    assert [one["type"].split(".")[1] for one in document["outbox"]] == ["WishAdopted"]
