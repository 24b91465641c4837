"""Access tokens of providers, shared by all replicas: sealed, and renewed by one replica at a time.

{_id: <provider>:<account>, token: <sealed>, until, forced_at?, lease: {holder, until}?}

`lease` counts by the database's clock, `until` (no longer used then) and `forced_at` by that of the replica which
asked.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from microwish.ids import uuid7
from microwish.privacy.sealing import CannotOpen, Sealer
from microwish.store.mongo import Collection, Document, DuplicateKeyError, ReturnDocument
from microwish.store.outbox import literal

_LEASE_SECONDS = 15
"""Longer than a token is asked for; who dies meanwhile holds up the others no longer."""


@dataclass(frozen=True)
class HeldToken:
    """A token, not to be used past `until`."""

    value: str
    until: datetime


@dataclass(frozen=True)
class Kept:
    """What the document says: the token, if one is there that opens, and when the last one was forced."""

    token: HeldToken | None = None
    forced_at: datetime | None = None


@dataclass(frozen=True)
class Renewing:
    """This replica alone may ask for a new token now."""

    holder: str
    kept: Kept


class SharedToken:
    """The document of one account."""

    def __init__(
        self, rows: Collection, sealer: Sealer, account: str, *, lease_seconds: float = _LEASE_SECONDS
    ) -> None:
        self._rows = rows
        self._sealer = sealer
        self._account = account
        self._lease_milliseconds = int(lease_seconds * 1000)
        self._about = f"access_token:{account}"
        self._is_there = False

    async def read(self) -> Kept:
        """What is kept now."""
        return self._kept(await self._rows.find_one({"_id": self._account}))

    async def begin(self) -> Renewing | None:
        """Take the right to ask for a new one, and see what is kept as of then; None while another replica has it."""
        await self._make()
        holder = uuid7()
        free = {"_id": self._account, "$expr": {"$lt": ["$lease.until", "$$NOW"]}}  # missing is less than every time
        until: Document = {"$add": ["$$NOW", self._lease_milliseconds]}
        take = [{"$set": {"lease": {"holder": literal(holder), "until": until}}}]
        row = await self._rows.find_one_and_update(free, take, return_document=ReturnDocument.AFTER)
        self._is_there = row is not None  # if it was taken away, it is made again
        return Renewing(holder, self._kept(row)) if row else None

    async def force(self, renewing: Renewing, now: datetime) -> None:
        """Remember that the provider is about to be made to give a new one."""
        await self._rows.update_one(self._mine(renewing), {"$set": {"forced_at": now}})

    async def keep(self, renewing: Renewing, token: HeldToken) -> None:
        """Share the new one, if the right to renew is still ours."""
        sealed = self._sealer.seal(token.value, about=self._about)
        await self._rows.update_one(self._mine(renewing), {"$set": {"token": sealed, "until": token.until}})

    async def end(self, renewing: Renewing) -> None:
        """Give the right back."""
        await self._rows.update_one(self._mine(renewing), {"$unset": {"lease": ""}})

    def _mine(self, renewing: Renewing) -> Document:
        return {"_id": self._account, "lease.holder": renewing.holder}

    async def _make(self) -> None:
        if self._is_there:
            return
        with suppress(DuplicateKeyError):
            await self._rows.insert_one({"_id": self._account})
        self._is_there = True

    def _kept(self, row: Mapping[str, Any] | None) -> Kept:
        if not row:
            return Kept()
        return Kept(self._opened(row), row.get("forced_at"))

    def _opened(self, row: Mapping[str, Any]) -> HeldToken | None:
        if "token" not in row:
            return None
        try:
            return HeldToken(self._sealer.open(row["token"], about=self._about), row["until"])
        except CannotOpen:
            return None  # sealed under a key that has been taken away: a new one is sealed under today's
