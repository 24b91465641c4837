"""The sandbox provider: accepts everything and shows it on a phone in the browser; only for trying out.

{_id: <out id>, channel, phone_index, to: <sealed>, text: <sealed>, template, event_type, wish_id, sent_at}
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from microwish.events.notify import Channel
from microwish.privacy.sealing import BlindIndex, Sealer
from microwish.store.mongo import (
    DESCENDING,
    Collection,
    Document,
    DuplicateKeyError,
    IndexModel,
    ensure_indexes,
)
from microwish.when import Clock
from notify_service.channels.port import Fate, Outgoing, Receipt, Sent

Position = tuple[datetime, str]
"""Where a page of the list ended: (sent at, id)."""


@dataclass(frozen=True)
class ShownMessage:
    """What a phone shows, with where it came from."""

    id: str
    channel: Channel
    to: str
    text: str
    template: str
    event_type: str
    wish_id: str | None
    sent_at: datetime


class SandboxPhones:
    """All phones of the sandbox: what was accepted for each."""

    def __init__(self, rows: Collection, sealer: Sealer, index: BlindIndex, clock: Clock) -> None:
        self._rows = rows
        self._sealer = sealer
        self._index = index
        self._clock = clock

    async def ensure_indexes(self) -> None:
        """Newest first, of one phone or of all."""
        newest = [("sent_at", DESCENDING), ("_id", DESCENDING)]
        await ensure_indexes(
            self._rows,
            [
                IndexModel([("phone_index", DESCENDING), *newest], name="phone"),
                IndexModel(newest, name="newest"),
            ],
        )

    async def accept(self, channel: Channel, outgoing: Outgoing) -> None:
        """Show it on the phone; an out id that is there already stays as it is."""
        about = f"sandbox:{outgoing.out_id}"
        row: Document = {
            "_id": outgoing.out_id,
            "channel": channel.value,
            "phone_index": self._index.of(outgoing.phone),
            "to": self._sealer.seal(outgoing.phone, about=about),
            "text": self._sealer.seal(outgoing.text, about=about),
            "template": outgoing.template,
            "event_type": outgoing.event_type,
            "wish_id": outgoing.wish_id,
            "sent_at": self._clock(),
        }
        try:
            await self._rows.insert_one(row)
        except DuplicateKeyError:
            return

    async def has(self, out_id: str) -> bool:
        """Whether it was accepted."""
        return await self._rows.find_one({"_id": out_id}, {"_id": 1}) is not None

    async def shown(self, phone: str | None, *, limit: int, before: Position | None = None) -> Sequence[ShownMessage]:
        """The newest messages, newest first: of one (normalised) phone, or of all."""
        query: Document = {"phone_index": self._index.of(phone)} if phone else {}
        if before is not None:
            sent_at, last = before
            query["$or"] = [{"sent_at": {"$lt": sent_at}}, {"sent_at": sent_at, "_id": {"$lt": last}}]
        cursor = self._rows.find(query).sort([("sent_at", DESCENDING), ("_id", DESCENDING)]).limit(limit)
        return [self._opened(row) async for row in cursor]

    async def forget(self, phone_index: str) -> None:
        """Empty a phone: its holder asked to be forgotten."""
        await self._rows.delete_many({"phone_index": phone_index})

    def _opened(self, row: Document) -> ShownMessage:
        about = f"sandbox:{row['_id']}"
        return ShownMessage(
            id=row["_id"],
            channel=Channel(row["channel"]),
            to=self._sealer.open(row["to"], about=about),
            text=self._sealer.open(row["text"], about=about),
            template=row["template"],
            event_type=row["event_type"],
            wish_id=row["wish_id"],
            sent_at=row["sent_at"],
        )


class SandboxChannel:
    """SMS or WeChat of the sandbox. What it accepts is on the phone at once, so it reports `delivered`."""

    provider = "sandbox"
    repeats_for = timedelta.max

    def __init__(self, channel: Channel, phones: SandboxPhones) -> None:
        self.channel = channel
        self._phones = phones

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Show it; the same out id again shows nothing new."""
        await self._phones.accept(self.channel, outgoing)
        return Receipt(Fate.DELIVERED)

    async def lookup(self, sent: Sent) -> Receipt:
        """Delivered if it is there."""
        return Receipt(Fate.DELIVERED if await self._phones.has(sent.out_id) else Fate.NEVER_ACCEPTED)

    async def close(self) -> None:
        """Nothing of its own is open."""
