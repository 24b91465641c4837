"""One wish from sign-in to thanks, scene by scene: what is done, which events it causes, and who is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from microwish.events import Event, Source
from microwish.events.adoption import (
    ContactRead,
    DeliveryReported,
    FollowingChanged,
    MemberChanged,
    OrganisationRegistered,
    OrganisationVerified,
    WishAdopted,
)
from microwish.events.contact import ContactSaved, OrganisationContactSaved
from microwish.events.signin import SignInCodeIssued
from microwish.events.wish import DeliveryConfirmed, WishFulfilled, WishPosted, WishSubmitted
from microwish_local.client import Body, Client, NotYet, Session, patiently
from microwish_local.story.cast import DISTRICT, Cast

CLAIMABLE_SOON = frozenset({"not_yet_claimable"})
CONFIRMABLE_SOON = frozenset({"adoption_not_found", "not_delivered"})
SHOWN_SOON = frozenset({"not_found"})  # others have heard of it already, the wall may be a moment late


@dataclass(frozen=True)
class Expected:
    """An event that has to be seen: of which stream, and its version there. Contacts have versions with gaps: None."""

    event: type[Event]
    subject: str
    version: int | None = None

    @property
    def source(self) -> Source:
        """The kind of aggregate that speaks."""
        return self.event.source

    def __str__(self) -> str:
        version = "" if self.version is None else f" v{self.version}"
        return f"{self.event.__name__}{version} of {self.subject}"


@dataclass(frozen=True)
class Told:
    """A message that has to be on somebody's phone, because of an event."""

    who: str
    phone: str
    event: type[Event]

    def __str__(self) -> str:
        return f"the message of {self.event.__name__} to the {self.who} ({self.phone[:3]}****{self.phone[-4:]})"


@dataclass(frozen=True)
class Outcome:
    """What has to come of a scene."""

    events: list[Expected] = field(default_factory=list)
    messages: list[Told] = field(default_factory=list)


class Play:
    """The state of one performance: who is signed in, and the ids that the services gave."""

    def __init__(self, client: Client, cast: Cast) -> None:
        self.client = client
        self.cast = cast
        self.wish_id = ""
        self.organisation_id = ""
        self.adoption_id = ""
        self._sessions: dict[str, Session] = {}

    def session(self, phone: str) -> Session:
        """Of somebody who has signed in."""
        return self._sessions[phone]

    async def resident_signs_in(self) -> Outcome:
        """A code by SMS opens the resident's session."""
        return await self._signs_in("resident", self.cast.resident_phone, newcomer=True)

    async def resident_posts(self) -> Outcome:
        """The wish waits for review."""
        community = await self._community()
        body: Body = {
            "title": "客厅的灯不亮了，想请人来看看",
            "detail": "客厅的吸顶灯闪了几天，昨天起完全不亮，够不着，想请师傅来看看是灯还是线路。",
            "category": "repair",
            "community": community,
            "contact": {
                "name": self.cast.resident_name,
                "phone": self.cast.resident_phone,
                "address": self.cast.address,
            },
            "consents": {"publishing": True, "sensitive": True},
        }
        self.wish_id = (await self.client.post("/api/wishes", body, self._resident))["id"]
        return Outcome([Expected(WishSubmitted, self.wish_id, 1)])

    async def staff_sign_in(self) -> Outcome:
        """Staff sign in as everybody does."""
        return await self._signs_in("staff", self.cast.staff_phone, newcomer=False)

    async def staff_approve(self) -> Outcome:
        """The public text is on the wall; the contact travels sealed."""
        body = {
            "decision": "approve",
            "public_title": "客厅的灯不亮了，想请人来看看",
            "public_detail": "客厅的吸顶灯不亮了，够不着，想请师傅来看看是灯还是线路。",
        }
        await self.client.post(f"/api/wishes/{self.wish_id}/review", body, self._staff)
        events = [Expected(WishPosted, self.wish_id, 2), Expected(ContactSaved, self.wish_id)]
        return Outcome(events, [Told("resident", self.cast.resident_phone, WishPosted)])

    async def manager_signs_in(self) -> Outcome:
        """Somebody of an organisation signs in."""
        return await self._signs_in("manager", self.cast.manager_phone, newcomer=True)

    async def manager_registers(self) -> Outcome:
        """The organisation waits for verification; whoever registers it is its manager and it follows its area."""
        body: Body = {
            "name": self.cast.organisation_name,
            "kind": "resident_unit",
            "uscc": self.cast.uscc,
            "contact": {"name": self.cast.manager_name, "phone": "021-57720000"},
        }
        self.organisation_id = (await self.client.post("/api/organisations", body, self._manager))["id"]
        stream: list[type[Event]] = [OrganisationRegistered, MemberChanged, FollowingChanged]
        events = [Expected(event, self.organisation_id, version) for version, event in enumerate(stream, start=1)]
        return Outcome([*events, Expected(OrganisationContactSaved, self.organisation_id)])

    async def staff_verify(self) -> Outcome:
        """The organisation may claim."""
        path = f"/api/organisations/{self.organisation_id}/verification"
        await self.client.post(path, {"decision": "approve"}, self._staff)
        told = Told("manager", self.cast.manager_phone, OrganisationVerified)
        return Outcome([Expected(OrganisationVerified, self.organisation_id, 4)], [told])

    async def organisation_claims(self) -> Outcome:
        """It holds the wish's one slot."""
        claim = {"wish_id": self.wish_id, "organisation_id": self.organisation_id}
        key = f"story:{self.wish_id}"

        async def claimed() -> Body:
            return await self.client.post("/api/adoptions", claim, self._manager, key=key)

        self.adoption_id = (await patiently(claimed, codes=CLAIMABLE_SOON))["id"]
        told = [
            Told("resident", self.cast.resident_phone, WishAdopted),
            Told("handler", self.cast.manager_phone, WishAdopted),
        ]
        return Outcome([Expected(WishAdopted, self.wish_id, 1)], told)

    async def handler_reads_contact(self) -> Outcome:
        """The handler gets the address, and the reading is on record."""
        contact = await self.client.get(f"/api/adoptions/{self.adoption_id}/contact", self._manager)
        shown, given = (contact["phone"], contact["address"]), (self.cast.resident_phone, self.cast.address)
        if shown != given:
            raise AssertionError("the handler was not shown the contact that the resident gave")
        return Outcome([Expected(ContactRead, self.wish_id, 2)])

    async def handler_delivers(self) -> Outcome:
        """The handler says that it was done."""
        body = {"note": "换了一只新的吸顶灯，试过开关，都好。"}
        await self.client.post(f"/api/adoptions/{self.adoption_id}/delivery", body, self._manager)
        told = Told("resident", self.cast.resident_phone, DeliveryReported)
        return Outcome([Expected(DeliveryReported, self.wish_id, 3)], [told])

    async def resident_confirms(self) -> Outcome:
        """The resident confirms with thanks: the wish is fulfilled."""
        body = {"adoption_id": self.adoption_id, "thanks": "师傅手脚真快，灯亮堂堂的，谢谢你们。"}
        key = f"story:{self.wish_id}:confirm"

        async def confirmed() -> Body:
            return await self.client.post(f"/api/wishes/{self.wish_id}/confirmation", body, self._resident, key=key)

        await patiently(confirmed, codes=CONFIRMABLE_SOON)
        events = [Expected(DeliveryConfirmed, self.wish_id, 3), Expected(WishFulfilled, self.wish_id, 4)]
        told = [
            Told("resident", self.cast.resident_phone, WishFulfilled),
            Told("handler", self.cast.manager_phone, WishFulfilled),
        ]
        return Outcome(events, told)

    async def everybody_sees_it(self) -> Outcome:
        """The wall shows the wish as fulfilled, with who fulfilled it."""

        async def shown() -> Body:
            wish = await self.client.get(f"/api/wishes/{self.wish_id}")
            holders = [holder["organisation_id"] for holder in wish["holders"]]
            if (wish["status"], holders) != ("fulfilled", [self.organisation_id]):
                raise NotYet(f"/api/wishes/{self.wish_id} shows {wish['status']}, held by {len(holders)}")
            return wish

        await patiently(shown, codes=SHOWN_SOON)
        return Outcome()

    @property
    def _resident(self) -> Session:
        return self.session(self.cast.resident_phone)

    @property
    def _staff(self) -> Session:
        return self.session(self.cast.staff_phone)

    @property
    def _manager(self) -> Session:
        return self.session(self.cast.manager_phone)

    async def _signs_in(self, who: str, phone: str, *, newcomer: bool) -> Outcome:
        session = await self.client.sign_in(phone)
        self._sessions[phone] = session
        events = [Expected(SignInCodeIssued, session.challenge_id, 1)]
        if newcomer:
            events.append(Expected(ContactSaved, session.person_id))
        return Outcome(events, [Told(who, phone, SignInCodeIssued)])

    async def _community(self) -> str:
        answer = await self.client.get("/api/communities")
        codes: list[str] = [item["code"] for item in answer["items"]]
        return next(code for code in codes if len(code) == 12 and code.startswith(DISTRICT))


@dataclass(frozen=True)
class Scene:
    """One act of the play, with its title in both languages."""

    title: str
    act: Callable[[Play], Awaitable[Outcome]]


SCENES: tuple[Scene, ...] = (
    Scene("居民用短信验证码登录 / the resident signs in", Play.resident_signs_in),
    Scene("居民提出心愿 / posts a wish", Play.resident_posts),
    Scene("社区工作人员登录 / staff sign in", Play.staff_sign_in),
    Scene("审核通过，上墙 / staff approve it", Play.staff_approve),
    Scene("单位管理员登录 / a manager signs in", Play.manager_signs_in),
    Scene("单位登记 / registers an organisation", Play.manager_registers),
    Scene("社区核验单位 / staff verify it", Play.staff_verify),
    Scene("单位认领心愿 / it claims the wish", Play.organisation_claims),
    Scene("经办人查看联系方式 / the handler reads the contact", Play.handler_reads_contact),
    Scene("报告送达 / reports delivery", Play.handler_delivers),
    Scene("居民确认圆梦，道谢 / the resident confirms with thanks", Play.resident_confirms),
    Scene("心愿墙上已圆梦 / the wall shows it fulfilled", Play.everybody_sees_it),
)
"""The story of the design, section 1."""
