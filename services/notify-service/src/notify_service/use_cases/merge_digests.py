"""The morning has come: everything held for a person becomes one message."""

from collections.abc import Callable
from datetime import datetime, timedelta

from microwish.ids import derived_id
from microwish.store.mongo import Document
from microwish.when import Clock, When
from notify_service.domain.digest import digest_template
from notify_service.domain.message import State
from notify_service.store.messages import Messages
from notify_service.store.notices import Notices
from notify_service.use_cases.fan_out import Morning

_AT_A_TIME = 200
DIGEST = "digest"


class MergeDigests:
    """One message per person and morning; its id is made of both, so that replicas make the same one."""

    def __init__(
        self,
        notices: Notices,
        messages: Messages,
        wake: Callable[[str], None],
        clock: Clock,
        morning: Morning,
        *,
        wait_seconds: float,
    ) -> None:
        self._notices = notices
        self._messages = messages
        self._wake = wake
        self._clock = clock
        self._morning = morning
        self._wait = timedelta(seconds=wait_seconds)

    async def __call__(self) -> None:
        """Merge for everybody whose morning has come."""
        now = self._clock()
        while recipients := await self._notices.recipients_due(now, limit=_AT_A_TIME):
            for recipient in recipients:
                await self.merge(recipient, self._message_id(recipient, now))

    async def merge(self, recipient: str, message_id: str) -> None:
        """Claim what is due, and make or complete its message; safe to repeat after a crash at any point."""
        when = When.now(self._clock)
        held = await self._notices.take_due(recipient, message_id, now=when.at)
        if not held:
            return
        ids = [notice["_id"] for notice in held]
        if not await self._messages.create(message_id, self._fields(held, when.at), State.QUEUED, when=when):
            existing = await self._messages.find(message_id)
            ids = existing["notices"] if existing else ids
        await self._notices.digest_made(message_id, ids, held_until=self._morning.after(when.at))
        self._wake(message_id)

    def _message_id(self, recipient: str, now: datetime) -> str:
        morning = self._morning.after(now) - timedelta(days=1)
        return derived_id(DIGEST, recipient, morning.isoformat())

    def _fields(self, held: list[Document], now: datetime) -> Document:
        return {
            "lane": "normal",
            "template": digest_template([notice["event_type"] for notice in held]),
            "event_type": DIGEST,
            "event_time": held[-1]["event"]["time"],
            "wish_id": None,
            "community": held[-1]["community"],
            "recipient": held[-1]["recipient"],
            "person_id": held[-1]["person_id"],
            "notices": [notice["_id"] for notice in held],
            "channels": held[-1]["channels"],
            "waits_for": [],
            "use_until": now + self._wait,
            "give_up_at": now + self._wait,
        }
