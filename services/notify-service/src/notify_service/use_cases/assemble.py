"""From a notice to its message; the message's id is derived from the notice's, so one notice never makes two."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from microwish.ids import derived_id
from microwish.store.mongo import Document
from microwish.when import Clock, When
from notify_service.domain.message import State
from notify_service.store.messages import Messages
from notify_service.store.notices import Notices


class Assemble:
    """Makes messages of open notices and has them sent."""

    def __init__(
        self, notices: Notices, messages: Messages, wake: Callable[[str], None], clock: Clock, *, wait_seconds: float
    ) -> None:
        self._notices = notices
        self._messages = messages
        self._wake = wake
        self._clock = clock
        self._wait = timedelta(seconds=wait_seconds)

    async def __call__(self, notice_ids: Sequence[str]) -> None:
        """One message for each of them that has none yet."""
        for notice in await self._notices.open_among(notice_ids):
            await self._one(notice)

    async def _one(self, notice: Document) -> None:
        message_id = derived_id("message", notice["_id"])
        when = When.now(self._clock)
        fields = {
            "lane": "normal",
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
        await self._messages.create(message_id, fields, State.QUEUED, when=when)
        await self._notices.told(notice["_id"], message_id)
        self._wake(message_id)
