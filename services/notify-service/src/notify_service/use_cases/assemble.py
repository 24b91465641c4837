"""From notices to their messages; a message's id is derived from its notice's, so one notice never makes two."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from microwish.ids import derived_id
from microwish.store.mongo import Document
from microwish.when import Clock, When
from notify_service.store.messages import Messages
from notify_service.store.notices import Notices


class Wake(Protocol):
    """Has a message sent soon. Groups take turns, so that a large one stands in nobody's way."""

    def __call__(self, message_id: str, group: str = "", /) -> None:
        """group: the fan-out that it is one of many of."""
        ...


class Assemble:
    """Makes messages of open notices and has them sent."""

    def __init__(self, notices: Notices, messages: Messages, wake: Wake, clock: Clock, *, wait_seconds: float) -> None:
        self._notices = notices
        self._messages = messages
        self._wake = wake
        self._clock = clock
        self._wait = timedelta(seconds=wait_seconds)

    async def __call__(self, notice_ids: Sequence[str]) -> None:
        """One message for each of them that has none yet: one read, one insert and one update for all of them.

        Safe to repeat after a crash at any point, and side by side.
        """
        notices = await self._notices.open_among(notice_ids)
        if not notices:
            return
        when = When.now(self._clock)
        # Notices of a release before this one lack the id.
        fields = {
            notice.get("message_id") or derived_id("message", notice["_id"]): self._fields(notice, when)
            for notice in notices
        }
        await self._messages.create_many(fields, when=when)
        await self._notices.told([notice["_id"] for notice in notices])
        for message_id, message in fields.items():
            self._wake(message_id, message.get("fanout", ""))

    def _fields(self, notice: Document, when: When) -> Document:
        fields: Document = {
            "lane": "bulk" if "fanout" in notice else "normal",
            "template": notice["template"],
            "event_type": notice["event_type"],
            "event_time": notice["event"]["time"],
            "wish_id": notice["wish_id"],
            "community": notice["community"],
            "recipient": notice["recipient"],
            "person_id": notice["person_id"],
            "notices": [notice["_id"]],
            "channels": notice["channels"],
            "waits_for": [],
            "use_until": notice["use_until"],
            "give_up_at": when.recorded_at + self._wait,
        }
        return fields | ({"fanout": notice["fanout"]} if "fanout" in notice else {})
