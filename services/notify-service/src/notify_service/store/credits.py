"""How many subscribe messages a person has consented to: one per consent, for each template of the provider's.

{_id: "<blind index of the openid>:<template id>", openid_index, left, granted_at, consents: [<id>…]}

The count follows what WeChat reports; WeChat's own decides. No row says who somebody is.
"""

from datetime import datetime

from microwish.store.mongo import ASCENDING, Collection, Document, DuplicateKeyError, IndexModel, ensure_indexes

CREDITS = "credits"
"""Name of the collection."""
_CONSENTS_KEPT = 64
"""So many of the last consents are known again when they come twice; older ones the callback refuses as stale."""


class Credits:
    """The collection `credits`. `template` is the provider's id of a template: that is what people consent to."""

    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def ensure_indexes(self) -> None:
        """Found by person."""
        await ensure_indexes(self._rows, [IndexModel([("openid_index", ASCENDING)], name="person")])

    async def granted(self, openid_index: str, template: str, consent: str, *, at: datetime) -> bool:
        """Count a consent, given at this time (UTC); False if this one (by its id) has been counted."""
        change: Document = {
            "$inc": {"left": 1},
            "$max": {"granted_at": at},
            "$push": {"consents": {"$each": [consent], "$slice": -_CONSENTS_KEPT}},
            "$set": {"openid_index": openid_index},
        }
        new = {"_id": _id(openid_index, template), "consents": {"$ne": consent}}
        try:
            done = await self._rows.update_one(new, change, upsert=True)
        except DuplicateKeyError:
            # The row is there: it knows this consent, or another consent made it a moment ago.
            done = await self._rows.update_one(new, change)
        return done.matched_count > 0 or done.upserted_id is not None

    async def take(self, openid_index: str, template: str) -> bool:
        """Use one, if one is left; never below zero, however many take at once."""
        one_left = {"_id": _id(openid_index, template), "left": {"$gt": 0}}
        return (await self._rows.update_one(one_left, {"$inc": {"left": -1}})).matched_count > 0

    async def give_back(self, openid_index: str, template: str) -> None:
        """The provider did not accept the message for which one was taken."""
        await self._rows.update_one({"_id": _id(openid_index, template)}, {"$inc": {"left": 1}})

    async def used_up(self, openid_index: str, template: str, *, as_of: datetime) -> None:
        """None is left as of this time (UTC), by the provider's or the person's word; a later consent counts."""
        before = {"_id": _id(openid_index, template), "granted_at": {"$lte": as_of}}
        await self._rows.update_one(before, {"$set": {"left": 0}})

    async def left(self, openid_index: str, template: str) -> int:
        """How many there are."""
        row = await self._rows.find_one({"_id": _id(openid_index, template)}, {"left": 1})
        return int(row["left"]) if row else 0

    async def forget(self, openid_index: str) -> None:
        """Remove what somebody consented to who asked to be forgotten."""
        await self._rows.delete_many({"openid_index": openid_index})


def _id(openid_index: str, template: str) -> str:
    return f"{openid_index}:{template}"
