"""200 organisations, one wish with 3 slots, over HTTP: invariants 1 and 2, and that this test would see a breach."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import uvicorn

from adoption_service.domain.adoption import Adoption
from adoption_service.domain.claims import ClaimsState, Decided, Entry
from adoption_service.domain.organisation import Member
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.claims_documents import adoption_document, change_of, claims_of
from adoption_service.store.organisations import member_documents
from microwish.events import Event
from microwish.events.adoption import MemberRole
from microwish.ids import uuid7
from microwish.testing import eventually
from microwish.when import When

pytestmark = pytest.mark.integration
MANY, SLOTS = 200, 3


class Unguarded(ClaimsStore):
    """The mistake this test exists for: reads, decides, then writes without a condition."""

    async def take_slot(self, wish_id: str, adoption: Adoption, event: Event, entry: Entry, *, when: When) -> bool:
        document = await self.aggregates.load(wish_id)
        claims = claims_of(document)
        if claims.state is not ClaimsState.OPEN or claims.held >= claims.slots:
            return False
        change = change_of(document, Decided(claims, (event,), (entry,)), when)
        await self.collection.update_one(
            {"_id": wish_id}, {"$push": {"adoptions": adoption_document(adoption)}, "$inc": {"revision": 1}}
        )
        assert change.events
        return True


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """The application on a real port."""
    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=5)
    config.timeout_keep_alive = 120  # a busy machine must not cut connections that wait for their turn
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started, seconds=60)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await task


async def organisations(world, count: int) -> list[tuple[str, str]]:
    """Verified organisations, put in place directly, with their managers' tokens."""
    sealer, rows, found = world.settings.sealer(), [], []
    for serial in range(count):
        organisation_id, person = uuid7(), uuid7()
        name = sealer.seal("李明", about=f"organisation:{organisation_id}")
        phone = sealer.seal("02155550100", about=f"contact:{organisation_id}")
        rows.append(
            {
                "_id": organisation_id,
                "name": f"第{serial}党支部",
                "kind": "party_organisation",
                "state": "verified",
                "scope": "310117",
                "branch_id": f"ZB-{organisation_id}",
                "contact": {"name": phone, "phone": phone},
                "members": member_documents([Member(person, MemberRole.MANAGER, name)]),
                "following": {"communities": ["310117"], "categories": [], "notify": "none"},
                "timeline": [],
                "revision": 1,
                "streamversion": 0,
                "outbox": [],
            }
        )
        found.append((organisation_id, world.signer.sign(person, [], [], "", 3600, datetime.now(UTC))))
    await world.service.organisations.collection.insert_many(rows)
    return found


async def claim_at_once(world, wish_id: str, everybody: list[tuple[str, str]]) -> list[httpx.Response]:
    """Everybody claims the wish at the same moment, over real connections."""
    limits = httpx.Limits(max_connections=100)
    async with serving(world.service.app) as url, httpx.AsyncClient(base_url=url, timeout=90, limits=limits) as http:

        async def claim(organisation_id: str, token: str) -> httpx.Response:
            body = {"wish_id": wish_id, "organisation_id": organisation_id}
            return await http.post("/api/adoptions", json=body, headers={"Authorization": f"Bearer {token}"})

        return await asyncio.gather(*(claim(*one) for one in everybody))


async def breaches(world, wish_id: str, answers: list[httpx.Response]) -> list[str]:
    """What is wrong with the outcome: nothing, if the guarantee holds."""
    found = []
    codes = Counter((one.status_code, one.json().get("code")) for one in answers)
    if codes != {(201, None): SLOTS, (409, "taken"): len(answers) - SLOTS}:
        found.append(f"answers: {codes}")
    claims = await world.service.claims.find(wish_id)
    if claims.held > claims.slots:
        found.append(f"held {claims.held} of {claims.slots}")
    return found


async def test_two_hundred_organisations_and_three_slots(world) -> None:
    wish_id = await world.wish(slots=SLOTS)
    answers = await claim_at_once(world, wish_id, await organisations(world, MANY))
    assert await breaches(world, wish_id, answers) == []
    adopted = await eventually(lambda: len(found := world.told("WishAdopted", wish_id=wish_id)) >= SLOTS and found)
    assert {one["adoption_id"] for one in adopted} == {one.json()["id"] for one in answers if one.status_code == 201}


async def test_an_unguarded_write_is_detected(world) -> None:
    """The negative control: the same test body sees a store that reads before it writes."""
    wish_id = await world.wish(slots=SLOTS)
    everybody, state = await organisations(world, MANY), world.service.app.state
    guarded = state.parts
    state.parts = replace(guarded, claims=Unguarded(world.service.mongo.db))
    try:
        answers = await claim_at_once(world, wish_id, everybody)
    finally:
        state.parts = guarded
    found = await breaches(world, wish_id, answers)
    assert any(one.startswith("held") for one in found), found
