"""A person asked to be forgotten: their name, phone and words are nowhere in this service's database any more."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adoption_service.use_cases.forget_person import LATE, SOON, follow_erasures
from microwish.events import Actor, Role, Source
from microwish.events.contact import ContactKind
from microwish.events.wish import DeliveryConfirmed, PersonErased, WishWithdrawn
from microwish.privacy.sealing import CannotOpen
from microwish.testing import eventually
from microwish.when import When

pytestmark = pytest.mark.integration
NAME, WORDS = "欧阳静娴", "腿脚不便，放在门口"


async def documents(world: Any) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Every document of the service's database."""
    for name in await world.service.mongo.db.list_collection_names():
        async for document in world.service.mongo.db.get_collection(name).find({}):
            yield name, document


def readings(world: Any, part: Any, abouts: list[str]) -> list[str]:
    """Every text of a document: as it is, or as it opens for one of these purposes."""
    if isinstance(part, dict | list):
        inner = part.values() if isinstance(part, dict) else part
        return [text for one in inner for text in readings(world, one, abouts)]
    if not isinstance(part, str) or not part.startswith("v1."):
        return [str(part)]
    return [text for about in abouts if (text := opened(world, part, about))]


def opened(world: Any, sealed: str, about: str) -> str:
    try:
        return str(world.settings.sealer().open(sealed, about=about))
    except CannotOpen:
        return ""


async def holding(world: Any, abouts: list[str], *secrets: str) -> list[str]:
    """Where any of these texts stands, open or sealed."""
    found = []
    async for name, document in documents(world):
        said = json.dumps(readings(world, document, abouts), ensure_ascii=False)
        found += [f"{name} {document['_id']}: {secret}" for secret in secrets if secret in said]
    return found


async def erased(world: Any, person_id: str, *wish_ids: str) -> None:
    """As wish-service tells it: the event, and a tombstone for each contact."""
    await world.publish(PersonErased(person_id=person_id, contact_ids=[person_id, *wish_ids]))
    for contact_id in (person_id, *wish_ids):
        await world.feed.erase_contact(contact_id, source=Source.WISH_CONTACT.value, version=99)


async def test_nothing_of_a_member_is_left_but_what_they_did(world) -> None:
    phone = "13700000201"
    member = world.person()
    await world.contact(member.person_id, ContactKind.PERSON, name=NAME, phone=phone)
    body = {
        "name": "青松物业",
        "kind": "resident_unit",
        "uscc": world.uscc(),
        "contact": {"name": NAME, "phone": phone},
    }
    organisation_id = (await member.post("/api/organisations", body)).json()["id"]
    await world.admin.post(f"/api/organisations/{organisation_id}/verification", {"decision": "approve"})
    held, ended = await world.wish(), await world.wish()
    adoptions = {wish: await world.adoption(member, wish, organisation_id) for wish in (held, ended)}
    await world.contact(held, ContactKind.WISH, name="王秀英", phone="13912345671", address="三弄 5 号")
    assert (await member.get(f"/api/adoptions/{adoptions[held]}/contact")).status_code == 200
    assert (await member.post(f"/api/adoptions/{adoptions[ended]}/release", {"reason": "人手不够"})).status_code == 200
    await eventually(lambda: world.service.claims.ended.find_one({"_id": adoptions[ended]}), seconds=60)
    index = world.settings.blind_index().of(phone)
    abouts = [
        f"{kind}:{one}" for kind in ("wish", "contact", "organisation") for one in (held, ended, organisation_id)
    ] + [f"contact:{member.person_id}"]
    before = await holding(world, abouts, NAME, phone, index)
    for place in ("organisations", "claims", "adoptions_ended", "journal", "contacts.g1"):
        assert any(one.startswith(f"{place} ") and NAME in one for one in before), place  # the search finds them

    await erased(world, member.person_id)

    async def gone() -> bool:
        assert await holding(world, abouts, NAME, phone, index) == []
        return True

    await eventually(gone, seconds=60)
    places = {one.split(" ", 1)[0] for one in await holding(world, abouts, member.person_id)}
    assert places <= {"erasures", "contacts.g1", "organisations", "claims", "adoptions_ended", "journal", "positions"}
    document = await world.service.organisations.document(organisation_id)
    assert (document["members"], document["contact"]["person_id"]) == ([], None)
    await eventually(lambda: world.told("MemberChanged", person_id=member.person_id), seconds=60)
    ended_name = (await world.admin.get(f"/api/adoptions/{adoptions[ended]}")).json()["handler_name"]
    assert ended_name == "（已注销）"
    await _staff_name_somebody(world, organisation_id, adoptions[held])


async def _staff_name_somebody(world: Any, organisation_id: str, adoption_id: str) -> None:
    """Nobody manages it any more: staff see it, name somebody, who takes over what was under way."""
    staff = world.staff("310117")
    waiting = (await staff.get("/api/organisations?without_manager=true")).json()["items"]
    assert [one["without_manager"] for one in waiting if one["id"] == organisation_id] == [True]
    newcomer = world.person()
    await world.contact(newcomer.person_id, ContactKind.PERSON, name="周宁", phone="13700000202")
    named = {"phone": "13700000202", "reason": "原负责人已注销"}
    assert (await staff.post(f"/api/organisations/{organisation_id}/manager", named)).status_code == 200
    told = await eventually(lambda: world.told("HandlerNamed", adoption_id=adoption_id), seconds=60)
    assert [one["handler_id"] for one in told] == [newcomer.person_id]


async def test_words_about_a_resident_go_and_none_come_back(world) -> None:
    member, organisation_id = await world.organisation()
    wish_id, held = await world.wish(), await world.wish()
    sealer = world.settings.sealer()
    for wish in (wish_id, held):
        adoption_id = await world.adoption(member, wish, organisation_id)
        await member.post(f"/api/adoptions/{adoption_id}/progress", {"note": WORDS})
    answer = {"adoption_id": adoption_id, "organisation_id": organisation_id}
    await member.post(f"/api/adoptions/{adoption_id}/delivery", {"note": WORDS})
    abouts = [f"wish:{wish_id}", f"wish:{held}"]
    assert {one.split(" ", 1)[0] for one in await holding(world, abouts, WORDS)} >= {"claims", "journal"}

    by = Actor(person_id="resident-1", role=Role.RESIDENT)
    await world.act(WishWithdrawn, wish_id, by=by)
    await erased(world, "resident-1", wish_id, held)

    async def gone() -> bool:
        assert await holding(world, abouts, WORDS) == []
        return True

    await eventually(gone, seconds=60)
    await world.act(DeliveryConfirmed, held, thanks=sealer.seal(WORDS, about=f"wish:{held}"), **answer)
    found = (await member.get(f"/api/adoptions/{adoption_id}")).json()
    assert (found["state"], "thanks" in found, found["progress"]) == ("confirmed", False, [])
    assert "claims" not in {one.split(" ", 1)[0] for one in await holding(world, abouts, WORDS)}


async def test_who_is_forgotten_is_waited_for_no_more_and_joins_nothing(world) -> None:
    manager, organisation_id = await world.organisation()
    person = world.person()
    await world.contact(person.person_id, ContactKind.PERSON, name=NAME, phone="13700000211")
    await world.publish(PersonErased(person_id=person.person_id, contact_ids=[person.person_id]))
    await eventually(lambda: world.service.erasures.has(person.person_id), seconds=60)
    body = {"phone": "13700000211", "role": "handler", "name": NAME}
    # The contact is still there: its tombstone is on the way.
    asked = await manager.post(f"/api/organisations/{organisation_id}/members", body)
    assert len(asked.json()["invitations"]) == 1
    await world.feed.erase_contact(person.person_id, source=Source.WISH_CONTACT.value, version=99)
    ended = await eventually(lambda: world.told("InvitationEnded", organisation_id=organisation_id), seconds=60)
    assert [one["end"] for one in ended] == ["withdrawn"]
    document = await world.service.organisations.document(organisation_id)
    assert [one["person_id"] for one in document["members"]] == [manager.person_id]


class Killed(BaseException):
    """The process is gone."""


@asynccontextmanager
async def still(world: Any) -> AsyncIterator[None]:
    """The service without its own rounds, so that each is taken by hand."""
    await world.service._upkeep.stop()
    try:
        yield
    finally:
        world.service._upkeep.start()


async def test_what_a_kill_left_half_done_is_completed(world) -> None:
    member = world.person()
    organisations = [(await world.organisation(f"{n} 号楼志愿队", manager=member))[1] for n in (1, 2)]
    kept, left = world.service.kept, []

    class Half:
        """The organisations of a process that is killed after the first."""

        def __getattr__(self, name: str) -> Any:
            return getattr(kept.organisations, name)

        async def rewrite(self, id: str, *args: Any, **named: Any) -> Any:
            if left:
                raise Killed
            left.append(id)
            return await kept.organisations.rewrite(id, *args, **named)

    async def memberships() -> int:
        return len(await kept.organisations.of_member(member.person_id))

    async with still(world):
        await erased(world, member.person_id)
        await eventually(lambda: world.service.erasures.has(member.person_id), seconds=60)
        with pytest.raises(Killed):
            await follow_erasures(replace(kept, organisations=Half()), when=When.now())
        assert await memberships() == 1
        for _ in range(2):
            at = When.now().recorded_at + SOON
            await follow_erasures(kept, when=When(at, at))
        assert await memberships() == 0
        late = When.now().recorded_at + LATE + timedelta(minutes=20)
        await follow_erasures(kept, when=When(late, late))
    row = await world.service.mongo.db.get_collection("erasures").find_one({"_id": member.person_id})
    assert set(row) == {"_id", "erased", "version", "since"}
    for organisation_id in organisations:
        told = {"organisation_id": organisation_id, "person_id": member.person_id}
        gone = await eventually(
            lambda told=told: [one for one in world.told("MemberChanged", **told) if "role" not in one]
        )
        assert len(gone) == 1
