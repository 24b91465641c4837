"""Joint claims over HTTP: one slot, several organisations; and that nobody holds a wish twice by joining in."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace

import pytest
from httpx import Response

from adoption_service.domain.adoption import Adoption
from adoption_service.domain.claims import Claims, Decided, Decision, Entry
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.claims_documents import adoption_document, claims_of
from microwish.events import Event
from microwish.ids import uuid7
from microwish.store.aggregate import Idempotency
from microwish.store.mongo import Database
from microwish.testing import eventually
from microwish.when import When

pytestmark = pytest.mark.integration
ROUNDS = 10


async def answer(member, adoption_id: str, organisation_id: str, decision: str = "accept"):
    body = {"organisation_id": organisation_id, "decision": decision}
    return await member.post(f"/api/adoptions/{adoption_id}/partnership", body)


async def test_a_joint_claim_from_the_question_to_the_board(world) -> None:
    wish_id = await world.wish(slots=2)
    (lead, leading), (partner, joining), (third, asked) = [
        await world.organisation(name) for name in ("甲", "乙", "丙")
    ]
    body = {"wish_id": wish_id, "organisation_id": leading, "partners": [joining, asked]}
    made = (await lead.post("/api/adoptions", body)).json()
    assert [one["name"] for one in made["asked"]] == ["乙", "丙"]
    path = f"/api/adoptions/{made['id']}"
    assert (await partner.get(path)).status_code == 403, "who is asked holds nothing yet"
    questions = await partner.get(f"/api/adoptions/proposed?organisation_id={joining}")
    assert questions.headers["cache-control"] == "private, no-store"
    (question,) = questions.json()["items"]
    assert (question["question"], question["organisation"]["name"]) == ("partnership", "甲")
    assert (await lead.get(f"/api/adoptions/proposed?organisation_id={joining}")).json()["code"] == "not_member"

    joined = await answer(partner, made["id"], joining)
    assert [one["name"] for one in joined.json()["adoption"]["partners"]] == ["乙"]
    declined = await answer(third, made["id"], asked, "decline")
    assert declined.json() == {"decision": "decline"}
    assert (await answer(third, made["id"], asked)).json()["code"] == "not_asked"

    assert [one["id"] for one in (await partner.get("/api/adoptions")).json()["items"]] == [made["id"]]
    noted = await partner.post(f"{path}/progress", {"note": "我们出车"})
    assert noted.json()["progress"][0] | {"at": ""} == {"at": "", "note": "我们出车", "organisation": "乙"}
    for step, given in [("contact", None), ("delivery", {}), ("release", {"reason": "不办了"})]:
        said = await (partner.get(f"{path}/{step}") if given is None else partner.post(f"{path}/{step}", given))
        assert (said.status_code, said.json()["code"]) == (403, "not_member")
    own = await world.claim(partner, wish_id, joining)
    assert (own.json()["code"], own.json()["adoption_id"]) == ("already_held", made["id"])

    async def on_the_board() -> bool:
        wish = await world.service.board.find(wish_id)
        return [[one["name"] for one in holder["partners"]] for holder in wish["holders"]] == [["乙"]]

    await eventually(on_the_board)
    assert (await answer(partner, made["id"], joining, "decline")).status_code == 200
    told = await eventually(lambda: len(found := world.told("PartnersChanged", wish_id=wish_id)) == 4 and found)
    assert [[one["id"] for one in event["partners"]] for event in told] == [[], [joining], [joining], []]
    assert [event.get("asked_ids", []) for event in told] == [[joining, asked], [asked], [], []]
    assert (await world.claim(partner, wish_id, joining)).status_code == 201


async def test_partners_that_are_refused(world) -> None:
    wish_id = await world.wish()
    lead, leading = await world.organisation()
    _, pending = await world.organisation(verified=False)
    for partners in ([uuid7()], [pending], [leading], [pending, pending], [uuid7() for _ in range(11)]):
        body = {"wish_id": wish_id, "organisation_id": leading, "partners": partners}
        refused = await lead.post("/api/adoptions", body)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "partners")
    assert (await world.service.claims.find(wish_id)).held == 0, "nothing is stored"
    adoption_id = await world.adoption(lead, wish_id, leading)
    stranger, strange = await world.organisation()
    path = f"/api/adoptions/{adoption_id}/partners"
    assert (await stranger.post(path, {"organisation_id": strange})).json()["code"] == "not_member"
    assert (await lead.post(path, {"organisation_id": pending})).json()["errors"][0]["field"] == "organisation_id"
    assert (await lead.post(path, {"organisation_id": strange})).status_code == 200
    assert (await stranger("DELETE", f"{path}/{strange}")).json()["code"] == "not_member"
    assert (await lead("DELETE", f"{path}/{strange}")).status_code == 204
    assert (await lead("DELETE", f"{path}/{strange}")).status_code == 404
    assert (await answer(stranger, adoption_id, strange)).json()["code"] == "not_asked"


async def test_who_claims_for_itself_joins_no_other_claim_of_the_wish(world) -> None:
    wish_id = await world.wish(slots=2)
    (lead, leading), (other, asked) = [await world.organisation() for _ in range(2)]
    body = {"wish_id": wish_id, "organisation_id": leading, "partners": [asked]}
    adoption_id = (await lead.post("/api/adoptions", body)).json()["id"]
    own = await world.adoption(other, wish_id, asked)
    refused = await answer(other, adoption_id, asked)
    assert (refused.status_code, refused.json()["code"], refused.json()["adoption_id"]) == (409, "already_held", own)
    await other.post(f"/api/adoptions/{own}/release", {"reason": "一起办"})
    assert (await answer(other, adoption_id, asked)).status_code == 200


async def test_a_suspended_partner_is_taken_out(world) -> None:
    wish_id = await world.wish()
    (lead, leading), (partner, joining) = [await world.organisation() for _ in range(2)]
    adoption_id = await world.adoption(lead, wish_id, leading)
    await lead.post(f"/api/adoptions/{adoption_id}/partners", {"organisation_id": joining})
    await answer(partner, adoption_id, joining)
    path = f"/api/organisations/{joining}/verification"
    assert (await world.admin.post(path, {"decision": "suspend", "reason": "失联"})).status_code == 200
    shown = (await lead.get(f"/api/adoptions/{adoption_id}")).json()
    assert (shown["state"], shown["partners"]) == ("active", [])


class Unguarded(ClaimsStore):
    """The mistake this test exists for: both ways decide on what they read, and write without a condition."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.both_have_read = asyncio.Barrier(2)

    async def take_slot(self, wish_id: str, adoption: Adoption, event: Event, entry: Entry, *, when: When) -> bool:
        held = claims_of(await self.aggregates.load(wish_id)).holder(adoption.organisation.id)
        await self.both_have_read.wait()
        if held is None:
            await self.collection.update_one({"_id": wish_id}, {"$push": {"adoptions": adoption_document(adoption)}})
        return held is None

    async def decide(
        self, wish_id: str, decision: Decision, *, when: When, idempotency: Idempotency | None = None
    ) -> Claims:
        claims = claims_of(await self.aggregates.load(wish_id))
        decided = decision(claims) or Decided(claims)
        await self.both_have_read.wait()
        partners = [one.model_dump(mode="json") for one in decided.claims.adoptions[0].partners]
        await self.collection.update_one({"_id": wish_id}, {"$set": {"adoptions.0.partners": partners}})
        return decided.claims


async def rounds(world, claims: ClaimsStore, count: int) -> tuple[int, set[str]]:
    """An organisation claims a slot and joins the claim of another at once: in how many rounds it does not hold exactly
    once by exactly one of the two, and what came first.

    Each round one of the two comes a few requests later than the other, now this one, now that.
    """
    breached, firsts = 0, set()
    state, usual = world.service.app.state, world.service.app.state.parts
    (lead, leading), (both, joining) = [await world.organisation() for _ in range(2)]
    for turn in range(count):
        wish_id = await world.wish(slots=2)
        body = {"wish_id": wish_id, "organisation_id": leading, "partners": [joining]}
        adoption_id = (await lead.post("/api/adoptions", body)).json()["id"]

        async def later(act: Awaitable[Response], requests: int) -> int:
            for _ in range(requests):
                await both.get(f"/api/adoptions/proposed?organisation_id={joining}")
            return (await act).status_code

        behind = [turn // 2 * (turn % 2), turn // 2 * (1 - turn % 2)]
        state.parts = replace(usual, claims=claims)
        try:
            claimed, joined = await asyncio.gather(
                later(world.claim(both, wish_id, joining), behind[0]),
                later(answer(both, adoption_id, joining), behind[1]),
            )
        finally:
            state.parts = usual
        found = await world.service.claims.find(wish_id)
        held = sum(one.held_by(joining) for one in found.adoptions)
        breached += held != 1 or sorted([claimed, joined]) not in ([200, 409], [201, 409])
        firsts |= {name for name, status in (("claim", claimed), ("partnership", joined)) if status < 300}
    return breached, firsts


async def test_claiming_and_joining_at_once_is_one_of_them(world) -> None:
    """Invariant 2 in both directions: exactly one of the two holds, whichever comes first."""
    assert await rounds(world, world.service.claims, ROUNDS) == (0, {"claim", "partnership"})


async def test_unguarded_writes_are_detected(world) -> None:
    """The negative control: the same rounds see a store that reads before it writes."""
    breached, _ = await rounds(world, Unguarded(world.service.mongo.db), 1)
    assert breached == 1
