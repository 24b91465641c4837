"""A contact was erased: nothing more goes there, and what names the person here goes away."""

from microwish.messaging.dead_letters import DeadLetters
from microwish.privacy.sealing import BlindIndex, CannotOpen
from microwish.when import Clock, When
from notify_service.channels.sandbox import SandboxPhones
from notify_service.domain.message import Cause, State, Step
from notify_service.store.credits import Credits
from notify_service.store.messages import Messages, Moved
from notify_service.store.notices import Notices
from notify_service.store.people import CallTasks, PreferenceBook
from notify_service.store.suppressions import Suppressions
from notify_service.views.contacts import Contacts


class Forget:
    """Idempotent: a tombstone may come again."""

    def __init__(
        self,
        contacts: Contacts,
        notices: Notices,
        messages: Messages,
        preferences: PreferenceBook,
        calls: CallTasks,
        phones: SandboxPhones,
        clock: Clock,
        *,
        suppressions: Suppressions,
        letters: DeadLetters,
        credits: Credits,
        openid_index: BlindIndex,
    ) -> None:
        self._contacts = contacts
        self._notices = notices
        self._messages = messages
        self._preferences = preferences
        self._calls = calls
        self._phones = phones
        self._clock = clock
        self._suppressions = suppressions
        self._letters = letters
        self._credits = credits
        self._openid_index = openid_index

    async def __call__(self, contact_id: str, version: int = 0) -> None:
        """Forget the contact as of this version, what was to be told to it, and what its phone shows."""
        await self._forget_consents(contact_id)  # first: afterwards nobody knows the openid
        phone_index = await self._contacts.erase(contact_id, version)
        when = When.now(self._clock)
        for message_id in await self._messages.of_recipient(contact_id, [State.AWAITING, State.QUEUED]):
            suppressed = Moved(Step.SUPPRESS, {"cause": Cause.ERASED.value, "waits_for": []})
            await self._messages.move(message_id, suppressed, when=when)
        await self._notices.forget(contact_id)
        await self._messages.forget(contact_id)
        await self._preferences.forget(contact_id)
        await self._calls.forget(contact_id)
        await self._letters.forget(contact_id)
        if phone_index:
            await self._phones.forget(phone_index)
            await self._messages.forget_phone(phone_index)
            await self._suppressions.forget_who(phone_index)

    async def _forget_consents(self, contact_id: str) -> None:
        try:
            contact = await self._contacts.find(contact_id)
        except CannotOpen:
            return
        if contact is not None and contact.openid:
            await self._credits.forget(self._openid_index.of(contact.openid))
