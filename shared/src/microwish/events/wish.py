"""What wish-service publishes about wishes, people, communities and staff tasks.

Public text first appears in `WishPosted`, after review. Whatever a person wrote besides is sealed.
"""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import Field
from typing_extensions import override

from microwish.events.base import (
    Actor,
    Category,
    Community,
    CommunityCode,
    Event,
    Id,
    Moment,
    Sealed,
    Source,
)
from microwish.events.topics import Topic


class WishEvent(Event):
    """Base of the events of one wish. `resident_id` is who it belongs to; absent when they have no account."""

    topic: ClassVar[Topic] = Topic.WISH
    source: ClassVar[Source] = Source.WISH

    wish_id: Id
    resident_id: Id | None = None
    community: CommunityCode
    by: Actor

    @property
    @override
    def subject_id(self) -> str:
        return self.wish_id


class WishSubmitted(WishEvent):
    """A resident, or staff on their behalf, has asked. No text yet: nobody has checked it."""

    category: Category
    on_behalf: bool = False


class WishReturned(WishEvent):
    """Staff ask the resident to add something (请补充一下)."""

    reason: Sealed


class WishRejected(WishEvent):
    """Staff will not publish it, and say why."""

    reason: Sealed


class WishPosted(WishEvent):
    """Staff have approved it: the public text, and how many organisations may hold it at once.

    photo_ids: those that staff have approved by then, in their order; absent for none.
    """

    place: Community
    category: Category
    title: str
    detail: str
    slots: int = Field(ge=1, le=200)
    public_name: str = "一位居民"
    estimated_value_fen: int | None = None
    on_behalf: bool = False
    campaign_id: Id | None = None
    photo_ids: list[Id] | None = None


class WishRevised(WishEvent):
    """The wish was changed: before review without its text, afterwards with the fields of public text that changed.

    photo_ids: all that everybody may see from now on, in order; absent if the same. anonymous: a chosen name goes.
    """

    category: Category | None = None
    title: str | None = None
    detail: str | None = None
    slots: int | None = None
    photo_ids: list[Id] | None = None
    anonymous: bool | None = None


class WishMoved(WishEvent):
    """Its community was moved or merged: `community` is the code from now on, whatever the state of the wish."""

    place: Community
    moved_from: CommunityCode


class WishMerged(WishEvent):
    """It asks for the same as another wish, which goes on in its place."""

    into: Id


class WishWithdrawn(WishEvent):
    """The resident no longer wishes it."""

    reason: Sealed | None = None


class WishTakenDown(WishEvent):
    """Staff took it off the wall."""

    reason: Sealed


class WishClosed(WishEvent):
    """Staff ended it: it could not be met."""

    reason: Sealed


class DeliveryConfirmed(WishEvent):
    """The resident has received it, or told staff so by telephone (`note`)."""

    adoption_id: Id
    organisation_id: Id
    note: Sealed | None = None
    thanks: Sealed | None = None


class DeliveryDisputed(WishEvent):
    """The resident says that it has not arrived."""

    adoption_id: Id
    organisation_id: Id
    reason: Sealed


class WishFulfilled(WishEvent):
    """Every slot is confirmed, or its resident or staff closed it with fewer."""

    adoption_ids: list[Id]
    slots: int


class WishRecommended(WishEvent):
    """Staff recommend it to an organisation."""

    organisation_id: Id


class ConfirmationReminderDue(WishEvent):
    """Delivered for a week, and the resident has not answered yet."""

    adoption_id: Id


class TaskKind(StrEnum):
    """Why staff have something to do."""

    REVIEW_HALF_WAY = "review_half_way"
    REVIEW_OVERDUE = "review_overdue"
    UNCLAIMED = "unclaimed"
    UNCONFIRMED = "unconfirmed"
    TELEPHONE = "telephone"


class TaskEvent(Event):
    """Base of the events of one staff task."""

    topic: ClassVar[Topic] = Topic.WISH
    source: ClassVar[Source] = Source.TASK

    task_id: Id
    wish_id: Id | None = None
    community: CommunityCode
    kind: TaskKind
    by: Actor

    @property
    @override
    def subject_id(self) -> str:
        return self.task_id


class StaffTaskOpened(TaskEvent):
    """Staff of the community have something to do by a day."""

    due_at: Moment | None = None


class StaffTaskDone(TaskEvent):
    """It was done."""

    note: Sealed | None = None


class StaffAssigned(Event):
    """A person serves these communities (division-code prefixes) from now on; an empty list ends the service."""

    topic: ClassVar[Topic] = Topic.WISH
    source: ClassVar[Source] = Source.PERSON

    person_id: Id
    communities: list[CommunityCode]
    by: Actor

    @property
    @override
    def subject_id(self) -> str:
        return self.person_id


class PersonErased(Event):
    """The person asked to be forgotten: every keeper of these contacts erases them."""

    topic: ClassVar[Topic] = Topic.WISH
    source: ClassVar[Source] = Source.PERSON

    person_id: Id
    contact_ids: list[Id]

    @property
    @override
    def subject_id(self) -> str:
        return self.person_id


class CommunitySaved(Event):
    """A node of the tree of divisions was added or renamed."""

    topic: ClassVar[Topic] = Topic.WISH
    source: ClassVar[Source] = Source.COMMUNITY

    code: CommunityCode
    name: str
    parent: CommunityCode | None = None

    @property
    @override
    def subject_id(self) -> str:
        return self.code


class CommunityMoved(Event):
    """A community went on under another code: to another street, or into another community.

    Its own code is kept so that old links lead on; each of its wishes says so itself by WishMoved.
    """

    topic: ClassVar[Topic] = Topic.WISH
    source: ClassVar[Source] = Source.COMMUNITY

    code: CommunityCode
    place: Community
    by: Actor

    @property
    @override
    def subject_id(self) -> str:
        return self.code


class CampaignColour(StrEnum):
    """The colours a campaign may have; pages know how each looks."""

    RED = "red"
    GOLD = "gold"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"
    BROWN = "brown"


class CampaignSaved(Event):
    """A campaign (主题活动) was made or changed: as it is now, for everybody to read.

    starts_on, ends_on: its first and last day in the zone of the installation (Asia/Shanghai). scope: the division
    whose communities it is for. Which wishes belong to it, WishPosted says.
    """

    topic: ClassVar[Topic] = Topic.WISH
    source: ClassVar[Source] = Source.CAMPAIGN

    campaign_id: Id
    name: str
    colour: CampaignColour
    text: str
    starts_on: date
    ends_on: date
    scope: CommunityCode
    by: Actor

    @property
    @override
    def subject_id(self) -> str:
        return self.campaign_id
