"""Who looked for whose phone: append-only, the phone itself nowhere.

{_id, at, by: {person_id, role}, phone_index}
"""

from datetime import datetime

from microwish.ids import uuid7
from microwish.store.mongo import DESCENDING, Collection, IndexModel, ensure_indexes
from notify_service.store.messages import By


class Searches:
    """The collection `searches`."""

    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def ensure_indexes(self) -> None:
        """By the phone that was looked for, and by when."""
        await ensure_indexes(
            self._rows,
            [
                IndexModel([("phone_index", DESCENDING), ("at", DESCENDING)], name="phone"),
                IndexModel([("at", DESCENDING)], name="newest"),
            ],
        )

    async def record(self, phone_index: str, *, by: By, now: datetime) -> None:
        """Somebody looks for messages to this phone: recorded before they see any."""
        who = {"person_id": by.person_id, "role": by.role.value}
        await self._rows.insert_one({"_id": uuid7(), "at": now, "by": who, "phone_index": phone_index})
