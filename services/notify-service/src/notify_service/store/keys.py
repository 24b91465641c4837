"""The public signing keys of wish-service, kept over restarts."""

from typing import Any

from microwish.store.mongo import Collection


class KeyBook:
    """A `KeyStore` in one document."""

    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def load(self) -> dict[str, Any] | None:
        """The JWKS saved last, or None."""
        row = await self._rows.find_one({"_id": "jwks"})
        return row["jwks"] if row else None

    async def save(self, jwks: dict[str, Any]) -> None:
        """Keep this JWKS in place of the last."""
        await self._rows.update_one({"_id": "jwks"}, {"$set": {"jwks": jwks}}, upsert=True)
