"""Can this message leave now, and as what? Reads what is known; writes nothing."""

from collections.abc import Mapping
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
from notify_service.domain.digest import POSTED, digest_counts
from notify_service.domain.facts import values_for
from notify_service.domain.known import Waiting, contact_key
from notify_service.domain.message import Cause
from notify_service.domain.preferences import Preferences, channel_order
from notify_service.domain.rules import overtaken
from notify_service.domain.templates import Language, Templates, fitting
from notify_service.store.events import restored
from notify_service.store.notices import Notices
from notify_service.store.people import PreferenceBook
from notify_service.views.contacts import Contacts, KnownContact
from notify_service.views.organisations import Organisations
from notify_service.views.parties import Parties


@dataclass(frozen=True)
class Ready:
    """It can leave: rendered, addressed; not after `until` if that is set."""

    channel: Channel
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


Prepared = Ready | Waiting | Dropped | Unreachable


@dataclass(frozen=True)
class Knowledge:
    """Where the answers come from."""

    contacts: Contacts
    parties: Parties
    organisations: Organisations
    preferences: PreferenceBook
    notices: Notices


class Prepare:
    """Renders and addresses messages."""

    def __init__(
        self, knowledge: Knowledge, templates: Templates, sealer: Sealer, clock: Clock, zone: tzinfo, *, sandbox: bool
    ) -> None:
        self._knowledge = knowledge
        self._templates = templates
        self._sealer = sealer
        self._clock = clock
        self._zone = zone
        self._sandbox = sandbox

    async def __call__(self, message: Document) -> Prepared:
        """What can be done with it now."""
        try:
            if "secret" in message:
                return self._signin_code(message)
            if self._clock() > message["use_until"]:
                return Dropped(Cause.LATE)
            return await self._addressed(message)
        except CannotOpen:
            return Unreachable(Cause.UNREADABLE)

    def signin_code(self, message: Document) -> Ready:
        """A sign-in code from the sealed copy that it carries until it has left. Raises: CannotOpen."""
        secret = message["secret"]
        about = f"challenge:{secret['challenge_id']}"
        phone = self._sealer.open(secret["phone"], about=about)
        left = (secret["expires_at"] - self._clock()).total_seconds()
        values = {"code": self._sealer.open(secret["code"], about=about), "minutes": str(max(1, round(left / 60)))}
        text = self._templates.sms(message["template"], values)
        outgoing = self._outgoing(message, Channel.SMS, phone, phone, text)
        return Ready(Channel.SMS, outgoing, secret["expires_at"])

    def _signin_code(self, message: Document) -> Prepared:
        if self._clock() >= message["secret"]["expires_at"]:
            return Dropped(Cause.EXPIRED)
        return self.signin_code(message)

    async def _addressed(self, message: Document) -> Prepared:
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
        address = self._address(message, contact, preferences) if contact else None
        if contact is not None and address is None:
            return Unreachable(Cause.TELEPHONE)
        if contact is None or address is None or isinstance(values, Waiting):
            return Waiting(tuple(missing))
        channel, to = address
        text = self._text(channel, message["template"], values, preferences.language)
        return Ready(channel, self._outgoing(message, channel, to, contact.phone or to, text))

    def _address(self, message: Document, contact: KnownContact, chosen: Preferences) -> tuple[Channel, str] | None:
        allowed = [Channel(channel) for channel in message["channels"]]
        for channel in channel_order(chosen.channels, allowed):
            if channel is Channel.WECHAT and (openid := self._openid(contact)):
                return channel, openid
            if channel is Channel.SMS and contact.phone and is_mobile(contact.phone):
                return channel, contact.phone
        # Somebody without a mobile is better told by WeChat than not at all, if they gave their openid.
        if Channel.WECHAT in allowed and contact.openid:
            return Channel.WECHAT, contact.openid
        return None

    def _openid(self, contact: KnownContact) -> str | None:
        if contact.openid or not self._sandbox:
            return contact.openid
        return "o" + derived_id("sandbox-openid", contact.id).replace("-", "")[:27]

    async def _values(self, message: Document, language: Language) -> dict[str, str] | Waiting | Dropped:
        notices = await self._knowledge.notices.find(message["notices"])
        needed = self._templates.variables(message["template"])
        if message["template"].startswith("digest_"):
            return _digest_values(notices, language)
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

    def _text(self, channel: Channel, template: str, values: Mapping[str, str], language: Language) -> str:
        if channel is Channel.WECHAT:
            return self._templates.wechat(template, values, language)
        return self._templates.sms(template, values, language)

    def _outgoing(self, message: Document, channel: Channel, to: str, phone: str, text: str) -> Outgoing:
        return Outgoing(
            out_id=derived_id("out", message["_id"], str(message["round"]), channel.value),
            to=to,
            phone=phone,
            text=text,
            template=message["template"],
            event_type=message["event_type"],
            wish_id=message["wish_id"],
        )


def _digest_values(notices: list[Document], language: Language) -> dict[str, str]:
    posted = [notice for notice in notices if notice["event_type"] == POSTED]
    title = posted[-1]["event"]["data"]["title"] if posted else ""
    counts = digest_counts([notice["event_type"] for notice in notices])
    return {**counts, "title": fitting(title, otherwise="a wish" if language == "en" else "一个心愿")}
