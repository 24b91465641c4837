"""Following, from what an organisation chose to what its managers read; and people who are invited by phone."""

from typing import Any

import pytest

from microwish.events import Actor, Category, Role, adoption, contact, wish
from microwish.ids import uuid7

pytestmark = pytest.mark.integration
ADMIN = Actor(person_id="a", role=Role.ADMIN)
NEW_WISH = "wish_posted_follower.v1"
AT_ONCE, DIGEST, NONE = (
    adoption.FollowNotice.IMMEDIATELY,
    adoption.FollowNotice.DIGEST,
    adoption.FollowNotice.NONE,
)


class Organisation:
    """A verified organisation with one manager; it follows what a test says."""

    def __init__(self, desk: Any, phone: str) -> None:
        self.desk, self.phone, self.id, self.manager = desk, phone, uuid7(), uuid7()
        self.head = {"organisation_id": self.id, "by": ADMIN}

    async def known(self) -> None:
        await self.desk.knows_person(self.manager, self.phone)
        await self.says(
            adoption.OrganisationRegistered,
            name="邮政所",
            kind=adoption.OrganisationKind.RESIDENT_UNIT,
            scope="310117",
            manager_id=self.manager,
        )
        await self.says(adoption.OrganisationVerified)

    async def says(self, event: type[adoption.OrganisationEvent], /, **fields: Any) -> None:
        await self.desk.say(event.model_validate({**self.head, **fields}))
        await self.desk.work()

    async def follows(self, notify: adoption.FollowNotice, communities: list[str], *categories: Category) -> None:
        await self.says(adoption.FollowingChanged, communities=communities, categories=list(categories), notify=notify)

    async def read(self) -> list[str]:
        """Templates of what the manager was sent, oldest first, but for what an organisation hears of itself."""
        sent = [item["template"] for item in reversed(await self.desk.phone(self.phone))]
        return [template for template in sent if template == NEW_WISH or template.startswith("digest")]


@pytest.fixture
async def organisation(desk: Any, fresh_phone: Any) -> Organisation:
    one = Organisation(desk, fresh_phone())
    await one.known()
    return one


async def posted(desk: Any, story_of: Any, **given: Any) -> None:
    await story_of(desk, **given).posted()
    await desk.work()


async def test_both_community_and_category_must_be_followed(
    desk: Any, story_of: Any, organisation: Organisation
) -> None:
    await organisation.follows(AT_ONCE, ["310117001"], Category.REPAIR)
    await posted(desk, story_of)  # goods: another category
    assert await organisation.read() == []
    await organisation.follows(AT_ONCE, ["310118"], Category.GOODS)
    await posted(desk, story_of)  # another community
    assert await organisation.read() == []
    await organisation.follows(AT_ONCE, ["310118", "310117001"], Category.REPAIR, Category.GOODS)
    await posted(desk, story_of)
    assert await organisation.read() == [NEW_WISH]
    await organisation.follows(AT_ONCE, ["31"])  # no categories: all of them
    await posted(desk, story_of)
    assert await organisation.read() == [NEW_WISH, NEW_WISH]


async def test_a_later_choice_counts_from_then_on(desk: Any, story_of: Any, organisation: Organisation) -> None:
    await organisation.follows(AT_ONCE, ["310117001"])
    await posted(desk, story_of)
    await organisation.follows(NONE, ["310117001"])
    await posted(desk, story_of)
    await organisation.follows(DIGEST, ["310117001"])
    await posted(desk, story_of)
    assert await organisation.read() == [NEW_WISH]
    held = await desk.rows("notices", person_id=organisation.manager, state="held")
    assert [one["event_type"] for one in held] == [wish.WishPosted.type_name()]


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (adoption.OrganisationSuspended, "organisation_suspended.v1"),
        (adoption.OrganisationRefused, "organisation_refused.v1"),
    ],
)
async def test_who_may_not_claim_is_told_so_and_of_no_wish(
    desk: Any, story_of: Any, organisation: Organisation, verdict: Any, said: str
) -> None:
    await organisation.follows(AT_ONCE, ["310117"])
    reason = desk.seal("投诉未处理", f"organisation:{organisation.id}")
    await organisation.says(verdict, reason=reason)
    await posted(desk, story_of)
    assert await organisation.read() == []
    assert (await desk.message(organisation.phone, said))["text"].startswith("【微心愿】邮政所")
    await organisation.says(adoption.OrganisationVerified)
    await posted(desk, story_of)
    assert await organisation.read() == [NEW_WISH]


async def test_its_managers_are_told_of_a_lifted_limit(desk: Any, organisation: Organisation) -> None:
    reason, until = desk.seal("节前任务多", f"organisation:{organisation.id}"), "2026-12-24T15:59:59Z"
    await organisation.says(adoption.LimitLifted, allowed=12, until=until, reason=reason)
    text = (await desk.message(organisation.phone, "limit_lifted.v1"))["text"]
    assert "12 个" in text
    assert "12 月 24 日" in text


async def test_each_manager_hears_once_that_an_adoption_asks_for_them(
    desk: Any, story_of: Any, organisation: Organisation, fresh_phone: Any
) -> None:
    other = Organisation(desk, fresh_phone())
    await other.known()
    story = story_of(desk)
    await story.people()
    await story.posted()
    await story.adopted()
    for asked in ([organisation.id], [organisation.id, other.id], [other.id]):
        await desk.say(adoption.PartnersChanged(**story.of_adoption, partners=[], asked_ids=asked))
        await desk.work()
    for one in (organisation, other):
        found = [item for item in await desk.phone(one.phone) if item["template"] == "partner_asked.v1"]
        assert len(found) == 1
        assert "和风邮政所党支部" in found[0]["text"]


async def test_who_is_invited_gets_one_message_and_none_once_that_is_over(
    desk: Any, organisation: Organisation, fresh_phone: Any
) -> None:
    phones = [fresh_phone(), fresh_phone()]
    ids = [uuid7(), uuid7()]
    for invitation, phone in zip(ids, phones, strict=True):
        about = f"contact:{invitation}"
        await desk.say(
            contact.OrganisationContactSaved(
                contact_id=invitation,
                kind=contact.ContactKind.ORGANISATION,
                phone=desk.seal(phone, about),
                phone_index=desk.settings.blind_index().of(phone),
            )
        )
    # The second is withdrawn before its message leaves.
    [forget] = [one.on_tombstone for one in desk.service.subscriptions() if one.on_tombstone]
    await forget(ids[1], 99)
    for invitation in ids:
        role = adoption.MemberRole.HANDLER
        await organisation.says(adoption.MemberInvited, invitation_id=invitation, role=role)
    [invited] = await desk.phone(phones[0])
    assert (invited["template"], invited["channel"]) == ("member_invited.v1", "sms")
    assert "邮政所" in invited["text"]
    assert "经办人" in invited["text"]
    assert await desk.phone(phones[1]) == []
    assert [one["cause"] for one in await desk.rows("messages", recipient=ids[1])] == ["erased"]
