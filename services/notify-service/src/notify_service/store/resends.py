"""Asking for many messages again, one document per request, so that its repetition goes on where it was.

{_id, fingerprint, at, by: {person_id, role}, messages: [[id, round]], outcomes: {<id>: <code>}}
"""

from collections.abc import Sequence
from datetime import datetime

from microwish.store.mongo import Collection, Document, DuplicateKeyError
from microwish.store.refusals import KeyReused
from notify_service.store.messages import By

RESENT = "resent"


class Resends:
    """The collection `resends`."""

    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def find(self, id: str, fingerprint: str) -> Document | None:
        """The request, if it was made before. Raises: KeyReused if it asked for something else."""
        row = await self._rows.find_one({"_id": id})
        if row is not None and row["fingerprint"] != fingerprint:
            raise KeyReused(id)
        return row

    async def open(
        self, id: str, fingerprint: str, messages: Sequence[tuple[str, int]], *, by: By, now: datetime
    ) -> Document:
        """Record who asks for which messages, each in its round; the request of before where it is there already.

        Raises: KeyReused.
        """
        row: Document = {
            "_id": id,
            "fingerprint": fingerprint,
            "at": now,
            "by": {"person_id": by.person_id, "role": by.role.value},
            "messages": [[message, round_] for message, round_ in messages],
            "outcomes": {},
        }
        try:
            await self._rows.insert_one(row)
        except DuplicateKeyError:
            return await self.find(id, fingerprint) or row
        return row

    async def done(self, id: str, message: str, outcome: str) -> None:
        """What became of one of them."""
        await self._rows.update_one({"_id": id}, {"$set": {f"outcomes.{message}": outcome}})
