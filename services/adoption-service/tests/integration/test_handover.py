"""Hand-overs and other handlers over HTTP; and that accepting against an end of the adoption has one outcome."""

import asyncio
from dataclasses import replace

import pytest

from adoption_service.domain import tending
from adoption_service.domain.adoption import AdoptionState
from adoption_service.domain.claims import Claims, Decided, Decision
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.claims_documents import change_of, claims_of
from microwish.events.contact import ContactKind
from microwish.store.aggregate import Idempotency
from microwish.store.mongo import Database
from microwish.testing import eventually
from microwish.when import When

pytestmark = pytest.mark.integration
WHY = "这家单位联系不上了"


async def proposed(world, *, slots: int = 1):
    """An adoption, staff's question to another organisation, and everybody who has to do with it."""
    wish_id = await world.wish(slots=slots)
    (old, holding), (new, target) = [await world.organisation(name) for name in ("甲", "乙")]
    adoption_id = await world.adoption(old, wish_id, holding)
    path = f"/api/adoptions/{adoption_id}/handover"
    asked = await world.staff().post(path, {"organisation_id": target, "reason": WHY})
    assert asked.status_code == 200, asked.text
    return wish_id, (old, holding), (new, target), path


def said(organisation_id: str, decision: str = "accept") -> dict[str, str]:
    return {"organisation_id": organisation_id, "decision": decision}


async def test_an_adoption_is_handed_over_to_an_organisation_that_agrees(world) -> None:
    wish_id, (old, _), (new, target), path = await proposed(world)
    (question,) = (await new.get(f"/api/adoptions/proposed?organisation_id={target}")).json()["items"]
    assert (question["question"], question["reason"], question["organisation"]["name"]) == ("handover", WHY, "甲")
    assert (await old.get(path.removesuffix("/handover"))).json()["handover"]["organisation"] == "乙"
    assert (await old.post(f"{path}/answer", said(target))).json()["code"] == "not_member"
    accepted = [await new.post(f"{path}/answer", said(target), Idempotency_Key="yes") for _ in range(2)]
    assert [one.status_code for one in accepted] == [200, 200]
    fresh = accepted[0].json()["adoption"]
    assert accepted[1].json()["adoption"]["id"] == fresh["id"], "a retry is the same adoption"
    assert (fresh["state"], fresh["organisation"]) == ("active", "乙")
    gone = (await old.get(path.removesuffix("/handover"))).json()
    assert (gone["state"], gone["cause"], gone["reason"]) == ("revoked", "staff", WHY)
    stranger, strange = await world.organisation()
    assert (await world.claim(stranger, wish_id, strange)).json()["code"] == "taken"
    await eventually(lambda: world.told("WishAdopted", adoption_id=fresh["id"]))
    (ended,) = world.told("HandoverEnded", wish_id=wish_id)
    assert (ended["end"], ended["to_organisation_id"]) == ("accepted", target)
    assert WHY not in str(world.told("HandoverProposed", wish_id=wish_id)), "sealed"


async def test_who_may_ask_whom_and_take_it_back(world) -> None:
    wish_id, (old, holding), (new, target), path = await proposed(world, slots=2)
    body = {"organisation_id": target, "reason": WHY}
    for who in (old, world.staff("310117005")):
        assert (await who.post(path, body)).status_code == 403
        assert (await who("DELETE", path)).status_code == 403
    _, pending = await world.organisation(verified=False)
    for wrong in (pending, holding):
        refused = await world.admin.post(path, {"organisation_id": wrong, "reason": WHY})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "organisation_id")
    assert (await new.post(f"{path}/answer", {**said(target), "handler": "nobody"})).status_code == 422
    assert (await world.staff()("DELETE", path)).status_code == 204
    assert (await world.staff()("DELETE", path)).status_code == 404
    assert (await new.post(f"{path}/answer", said(target))).json()["code"] == "not_asked"
    await world.admin.post(path, body)
    assert (await world.claim(new, wish_id, target)).status_code == 201
    assert (await new.post(f"{path}/answer", said(target))).json()["code"] == "already_held"
    assert (await new.post(f"{path}/answer", said(target, "decline"))).json() == {"decision": "decline"}
    ends = await eventually(lambda: len(found := world.told("HandoverEnded", wish_id=wish_id)) == 2 and found)
    assert [one["end"] for one in ends] == ["withdrawn", "declined"]


async def test_another_handler_reads_the_contact_and_says_another_code(world) -> None:
    wish_id = await world.wish()
    await world.contact(wish_id, ContactKind.WISH, name="王秀英", phone="13912345671")
    manager, organisation_id = await world.organisation()
    adoption_id = await world.adoption(manager, wish_id, organisation_id)
    other, stranger = world.person(), world.person()
    await world.contact(other.person_id, ContactKind.PERSON, name="陈洁", phone="13811113333")
    await manager.post(f"/api/organisations/{organisation_id}/members", {"phone": "13811113333", "role": "handler"})
    path = f"/api/adoptions/{adoption_id}"
    early = await other.post(f"{path}/handler", {"person_id": other.person_id})
    assert early.json()["code"] == "not_manager"
    wrong = await manager.post(f"{path}/handler", {"person_id": stranger.person_id})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "person_id")
    named = await manager.post(f"{path}/handler", {"person_id": other.person_id})
    assert named.json()["handler_name"] == "陈洁"
    assert (await manager.get(f"{path}/contact")).json()["code"] == "not_handler"
    assert (await other.get(f"{path}/contact")).json()["phone"] == "13912345671"
    (told,) = await eventually(lambda: world.told("HandlerNamed", wish_id=wish_id))
    assert (told["handler_id"], "陈洁" in str(told)) == (other.person_id, False)
    (adopted,) = world.told("WishAdopted", wish_id=wish_id)
    assert told["door_code"] != adopted["door_code"]
    await other.post(f"{path}/delivery", {})
    late = await manager.post(f"{path}/handler", {"person_id": manager.person_id})
    assert late.json()["code"] == "not_active"


class Unguarded(ClaimsStore):
    """The mistake this test exists for: both read, then both write what they decided, without a condition."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.both_have_read = asyncio.Barrier(2)

    async def decide(
        self, wish_id: str, decision: Decision, *, when: When, idempotency: Idempotency | None = None
    ) -> Claims:
        document = await self.aggregates.load(wish_id)
        decided = decision(claims_of(document)) or Decided(claims_of(document))
        await self.both_have_read.wait()
        values = dict(change_of(document, decided, when).set)
        await self.collection.update_one({"_id": wish_id}, {"$set": values})
        return decided.claims


async def breaches(world, claims: ClaimsStore, ends: tuple[str, ...]) -> list[str]:
    """An organisation accepts while the adoption ends: what is wrong with the outcomes, nothing if exactly one wins."""
    found = []
    state, usual = world.service.app.state, world.service.app.state.parts
    for end in ends:
        wish_id, (old, _), (new, target), path = await proposed(world)
        before = (await world.service.claims.find(wish_id)).adoptions[0]
        at_its_end = When(before.due_at, before.due_at)

        async def lapse(wish_id=wish_id, at_its_end=at_its_end, id=before.id) -> int:
            after = await claims.decide(wish_id, lambda now: tending.pass_time(now, at_its_end), when=at_its_end)
            return 200 if any(one.id == id and one.state is AdoptionState.LAPSED for one in after.ended) else 409

        async def step(end=end, old=old, path=path) -> int:
            return (await old.post(path.replace("handover", end), {"reason": "不办了"})).status_code

        state.parts = replace(usual, claims=claims)
        try:
            answer, ended = await asyncio.gather(
                new.post(f"{path}/answer", said(target)), lapse() if end == "lapse" else step()
            )
        finally:
            state.parts = usual
        holders = [one.organisation.id for one in (await world.service.claims.find(wish_id)).adoptions]
        if {answer.status_code, ended} != {200, 409} or (holders == [target]) != (ended == 409):
            found.append(f"{end}: answered {answer.status_code} and {ended}, held by {len(holders)}")
    return found


async def test_accepting_against_an_end_of_the_adoption_exactly_one_wins(world) -> None:
    """Whichever is written first; the slot is never held by two, and never by nobody after a hand-over."""
    assert await breaches(world, world.service.claims, ("release", "delivery", "lapse") * 4) == []


async def test_unguarded_writes_are_detected(world) -> None:
    """The negative control: the same rounds see a store that writes what it decided on an older state."""
    found = await breaches(world, Unguarded(world.service.mongo.db), ("release", "delivery", "lapse"))
    assert len({one.split(":")[0] for one in found}) == 3, found
