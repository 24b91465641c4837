"""Can this message leave now, and as what? Reads what is known; writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from microwish.events.notify import Channel
from microwish.ids import derived_id
from microwish.privacy.phones import is_mobile
from microwish.privacy.sealing import CannotOpen, Sealer
from microwish.store.mongo import Document
from microwish.when import Clock
from notify_service.channels.port import Outgoing
from notify_service.domain.audiences import organisation_id_of, wish_id_of
from notify_service.domain.digest import one_wish, tells_several, values_of_several
from notify_service.domain.facts import values_for
from notify_service.domain.groups import prefix_of
from notify_service.domain.known import Waiting, contact_key
from notify_service.domain.message import Cause
from notify_service.domain.preferences import Preferences
from notify_service.domain.rules import overtaken
from notify_service.domain.templates import Language, Templates
from notify_service.domain.timing import Timing
from notify_service.domain.variables import UnfitValue
from notify_service.store.events import restored
from notify_service.store.notices import Notices, as_news
from notify_service.store.people import PreferenceBook
from notify_service.store.suppressions import Suppressions
from notify_service.use_cases.routes import NotNow, Route, Routes, Way
from notify_service.views.contacts import Contacts, KnownContact
from notify_service.views.organisations import Organisations
from notify_service.views.parties import Parties


@dataclass(frozen=True)
class Ready:
    """It can leave: rendered, addressed, by this provider; not after `until` if that is set."""

    channel: Channel
    provider: str
    outgoing: Outgoing
    until: datetime | None = None


@dataclass(frozen=True)
class Dropped:
    """It must not leave any more."""

    cause: Cause


@dataclass(frozen=True)
class Unreachable:
    """It can't: `telephone` if staff should call, `unreadable` if its content can't be opened."""

    cause: Cause


@dataclass(frozen=True)
class Spent:
    """Every provider that it could go by has refused it for good."""


Prepared = Ready | Waiting | NotNow | Dropped | Unreachable | Spent


@dataclass(frozen=True)
class Knowledge:
    """Where the answers come from."""

    contacts: Contacts
    parties: Parties
    organisations: Organisations
    preferences: PreferenceBook
    notices: Notices
    suppressions: Suppressions


class Prepare:
    """Renders and addresses messages."""

    def __init__(
        self,
        knowledge: Knowledge,
        templates: Templates,
        routes: Routes,
        sealer: Sealer,
        clock: Clock,
        zone: tzinfo,
        timing: Timing,
        *,
        sandbox: bool,
    ) -> None:
        self._knowledge = knowledge
        self._templates = templates
        self._routes = routes
        self._sealer = sealer
        self._clock = clock
        self._zone = zone
        self._timing = timing
        self._sandbox = sandbox

    async def __call__(self, message: Document) -> Prepared:
        """What can be done with it now."""
        try:
            if "secret" in message:
                return await self.signin_code(message)
            if self._clock() > message["use_until"]:
                return Dropped(Cause.LATE)
            return await self._addressed(message)
        except (CannotOpen, UnfitValue):
            return Unreachable(Cause.UNREADABLE)

    async def signin_code(self, message: Document) -> Prepared:
        """A sign-in code from the sealed copy that it carries until it has left. Raises: CannotOpen.

        Nobody is asked whether it is wanted; it goes by a provider that rests rather than not at all.
        """
        secret = message["secret"]
        if self._clock() >= secret["expires_at"]:
            return Dropped(Cause.EXPIRED)
        phone = self._sealer.open(secret["phone"], about=f"challenge:{secret['challenge_id']}")
        route = await self._routes.choose([Way(Channel.SMS, phone)], message.get("barred", ()), urgent=True)
        if not isinstance(route, Route):
            return route or Spent()
        return self._ready(message, route, phone, self._code(secret), "zh", secret["expires_at"])

    async def again(self, message: Document) -> Ready | None:
        """The very message that was handed over before, to ask what became of it by handing it over once more.

        None where it can't be said again word for word.
        """
        out = message["out"]
        if "to" not in out:
            return None
        try:
            to = self._sealer.open(out["to"], about=f"message:{message['_id']}")
            route = Route(Channel(out["channel"]), out["provider"], to)
            if "secret" in message:
                return self._ready(message, route, to, self._code(message["secret"]), "zh", None)
            chosen = await self._knowledge.preferences.of(message["person_id"])
            values = await self._values(message, chosen.language)
            if not isinstance(values, dict):
                return None
            return self._ready(message, route, to, values, chosen.language, None, large=chosen.large_print)
        except (CannotOpen, UnfitValue):
            return None

    def _code(self, secret: Document) -> dict[str, str]:
        code = self._sealer.open(secret["code"], about=f"challenge:{secret['challenge_id']}")
        return {"code": code}

    async def _to_group(self, message: Document) -> Prepared:
        """A group of staff: by its robot alone, in Chinese, and nobody has to be called instead."""
        values = await self._values(message, "zh")
        if not isinstance(values, dict):
            return values
        if (morning := self._timing.quiet_until(self._clock())) is not None:
            return NotNow(morning)
        way = Way(Channel.WECHAT, message["recipient"])
        route = await self._routes.choose([way], message.get("barred", ()))
        if isinstance(route, Route):
            return self._ready(message, route, route.to, values, "zh", None)
        return route or Spent()

    async def _addressed(self, message: Document) -> Prepared:
        if prefix_of(message["recipient"]) is not None:
            return await self._to_group(message)
        contact = await self._knowledge.contacts.find(message["recipient"])
        preferences = await self._knowledge.preferences.of(message["person_id"])
        if contact is not None and contact.erased:
            return Dropped(Cause.ERASED)
        values = await self._values(message, preferences.language)
        if isinstance(values, Dropped):
            return values
        missing = values.keys if isinstance(values, Waiting) else ()
        if contact is None:
            missing = (contact_key(message["recipient"]), *missing)
        ways = self._ways(message, contact, preferences) if contact else ()
        if isinstance(ways, Dropped):
            return ways
        if contact is not None and not ways:
            return Unreachable(Cause.TELEPHONE)
        if contact is None or isinstance(values, Waiting):
            return Waiting(tuple(missing))
        return await self._routed(message, contact, ways, values, preferences)

    async def _routed(
        self,
        message: Document,
        contact: KnownContact,
        ways: Sequence[Way],
        values: Mapping[str, str],
        preferences: Preferences,
    ) -> Prepared:
        suppressed = await self._suppressed(contact)
        if not (wanted := [way for way in ways if way.channel not in suppressed]):
            return Dropped(Cause.OPTED_OUT)
        if (morning := self._timing.quiet_until(self._clock())) is not None:
            return NotNow(morning)
        barred = message.get("barred", ())
        route = await self._routes.choose(wanted, barred)
        if isinstance(route, Route):
            phone, large = contact.phone or route.to, preferences.large_print
            return self._ready(message, route, phone, values, preferences.language, None, large=large)
        if route is None and all(way.channel.value in barred for way in wanted):
            return Unreachable(Cause.TELEPHONE)
        return route or Spent()

    async def _suppressed(self, contact: KnownContact) -> frozenset[Channel]:
        return await self._knowledge.suppressions.barred(contact.phone_index) if contact.phone_index else frozenset()

    def _ways(self, message: Document, contact: KnownContact, chosen: Preferences) -> Sequence[Way] | Dropped:
        """Where the person can be reached, in the order they chose; Dropped if they don't want it."""
        allowed = [Channel(channel) for channel in message["channels"]]
        channels = chosen.channels_for(message["template"], allowed)
        if not channels:
            return Dropped(Cause.PREFERENCE)
        addresses = {
            Channel.WECHAT: self._openid(contact),
            Channel.SMS: contact.phone if contact.phone and is_mobile(contact.phone) else None,
        }
        ways = [Way(channel, to) for channel in channels if (to := addresses[channel])]
        # Somebody without a mobile is better told by WeChat than not at all, if they gave their openid.
        if not ways and Channel.WECHAT in allowed and contact.openid:
            return [Way(Channel.WECHAT, contact.openid)]
        return ways

    def _openid(self, contact: KnownContact) -> str | None:
        if contact.openid or not self._sandbox:
            return contact.openid
        return "o" + derived_id("sandbox-openid", contact.id).replace("-", "")[:27]

    async def _values(self, message: Document, language: Language) -> dict[str, str] | Waiting | Dropped:
        notices = await self._knowledge.notices.find(message["notices"])
        needed = self._templates.variables(message["template"])
        if tells_several(message["template"]):
            return await self._of_several(notices, language)
        payload = restored(notices[0]["event"]).payload()
        wish_id, organisation_id = wish_id_of(payload), organisation_id_of(payload)
        known = await self._knowledge.parties.find(wish_id) if wish_id else None
        if overtaken(payload, known):
            return Dropped(Cause.OVERTAKEN)
        group = await self._knowledge.organisations.find(organisation_id) if organisation_id else None
        return values_for(
            needed,
            payload,
            known,
            group,
            open_=lambda token, about: self._sealer.open(token, about=about),
            zone=self._zone,
            language=language,
        )

    async def _of_several(self, notices: Sequence[Document], language: Language) -> dict[str, str]:
        news = [as_news(notice) for notice in notices]
        wish_id = one_wish(news)
        known = await self._knowledge.parties.find(wish_id) if wish_id else None
        return values_of_several(news, known.title if known else None, language)

    def _ready(
        self,
        message: Document,
        route: Route,
        phone: str,
        values: Mapping[str, str],
        language: Language,
        until: datetime | None,
        *,
        large: bool = False,
    ) -> Ready:
        """Rendered. Its out id is the same whenever this round of the message meets this provider again."""
        out_id = derived_id("out", message["_id"], str(message["round"]), route.channel.value, route.provider)
        say = self._templates.wechat if route.channel is Channel.WECHAT else self._templates.sms
        text = say(message["template"], values, language, large=large)
        outgoing = Outgoing(
            out_id=out_id,
            to=route.to,
            phone=phone,
            text=text,
            template=message["template"],
            event_type=message["event_type"],
            wish_id=message["wish_id"],
            values=values,
            language=language,
            large_print=large,
        )
        return Ready(route.channel, route.provider, outgoing, until)
