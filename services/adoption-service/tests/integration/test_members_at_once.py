"""Two managers act at the same moment: an organisation keeps one, and this test would see it lose its last."""

import asyncio
from typing import Any

import pytest

from adoption_service.domain.organisation import Member
from adoption_service.store.organisations import OrganisationStore, member_documents, organisation_of
from adoption_service.use_cases.manage_members import hand_on_manager, remove_member
from microwish.events.adoption import MemberRole
from microwish.identity.people import Person
from microwish.identity.people import Role as PersonRole
from microwish.when import When

pytestmark = pytest.mark.integration
ROUNDS = 8


class Crossing(OrganisationStore):
    """Both look before either writes; then the guarded write decides."""

    def meet(self, at_once: int) -> None:
        self._met, barrier, find = 0, asyncio.Barrier(at_once), self.aggregates.find

        async def found(id: str) -> Any:
            document = await find(id)
            self._met += 1
            if self._met <= at_once:
                await barrier.wait()
            return document

        self.aggregates.find = found


class Unguarded(Crossing):
    """The mistake these tests exist for: what a decision changes is written without a condition."""

    async def rewrite(self, id: str, decision: Any, **_: Any) -> Any:
        document = await self.aggregates.find(id)
        after = {one["person_id"]: one["role"] for one in decision(organisation_of(document)).values["members"]}
        for one in document["members"]:
            this, role = {"person_id": one["person_id"]}, after.get(one["person_id"])
            if role is None:
                await self.collection.update_one({"_id": id}, {"$pull": {"members": this}})
            elif role != one["role"]:
                which = {"_id": id, "members.person_id": one["person_id"]}
                await self.collection.update_one(which, {"$set": {"members.$.role": role}})
        return document


async def two_managers(world: Any) -> tuple[Any, Any, str]:
    one, organisation_id = await world.organisation()
    two = world.person()
    document = await world.service.organisations.document(organisation_id)
    members = organisation_of(document).members
    name = members[0].name
    both = member_documents([*members, Member(two.person_id, MemberRole.MANAGER, name)])
    change = {"$set": {"members": both}, "$inc": {"revision": 1}}
    await world.service.organisations.collection.update_one({"_id": organisation_id}, change)
    return one, two, organisation_id


def person(client: Any) -> Person:
    return Person(client.person_id, frozenset({PersonRole.RESIDENT}))


async def managers_after(world: Any, store: type[Crossing], act: Any) -> int:
    one, two, organisation_id = await two_managers(world)
    organisations = store(world.service.mongo.db)
    organisations.meet(2)
    pairs = ((one, two), (two, one))
    acts = (act(organisation_id, person(a), person(b), organisations) for a, b in pairs)
    await asyncio.gather(*acts, return_exceptions=True)
    document = await world.service.organisations.document(organisation_id)
    return sum(member["role"] == "manager" for member in document["members"])


async def leave(organisation_id: str, who: Person, _other: Person, organisations: OrganisationStore) -> None:
    await remove_member(organisation_id, who.id, who, organisations, when=When.now())


async def hand_on(organisation_id: str, who: Person, other: Person, organisations: OrganisationStore) -> None:
    await hand_on_manager(organisation_id, other.id, who, organisations, when=When.now())


@pytest.mark.parametrize("act", [leave, hand_on])
async def test_one_manager_stays(world, act) -> None:
    assert [await managers_after(world, Crossing, act) for _ in range(ROUNDS)] == [1] * ROUNDS


@pytest.mark.parametrize("act", [leave, hand_on])
async def test_without_the_guard_none_may_be_left(world, act) -> None:
    assert await managers_after(world, Unguarded, act) != 1
