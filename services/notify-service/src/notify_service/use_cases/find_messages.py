"""Somebody looks for messages. By phone only through its blind index, and that is recorded first."""

from collections.abc import Sequence
from dataclasses import replace

from microwish.privacy.phones import normalise_phone
from microwish.privacy.sealing import BlindIndex
from microwish.store.mongo import Document
from microwish.when import Clock
from notify_service.store.messages import By
from notify_service.store.searches import Searches
from notify_service.views.contacts import Contacts
from notify_service.views.message_list import MessageList, Position, Scope, Wanted


class FindMessages:
    """Reads the list; whom somebody looked for stands in `searches`."""

    def __init__(
        self, messages: MessageList, contacts: Contacts, searches: Searches, index: BlindIndex, clock: Clock
    ) -> None:
        self._messages = messages
        self._contacts = contacts
        self._searches = searches
        self._index = index
        self._clock = clock

    def index_of(self, phone: str) -> str:
        """What stands for this phone, in addresses too. Raises: InvalidPhone."""
        return self._index.of(normalise_phone(phone))

    async def __call__(
        self, scope: Scope, wanted: Wanted, *, by: By, before: Position | None = None, limit: int = 50
    ) -> Sequence[Document]:
        """The newest that match. Of a phone: what went to it, and what is for those whose phone it is now."""
        if wanted.phone_index:
            await self._searches.record(wanted.phone_index, by=by, now=self._clock())
            wanted = replace(wanted, contacts=await self._contacts.with_phone(wanted.phone_index))
        return await self._messages.page(scope, wanted, before=before, limit=limit)
