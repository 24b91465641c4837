"""Adoptions by their ids, wherever they are by now: in the claims of a wish, or in the history."""

from adoption_service.domain.adoption import Adoption
from adoption_service.store.claims_documents import adoption_of
from microwish.store.gathering import Gathering
from microwish.store.mongo import Collection, Document

Found = tuple[str, Adoption]
"""The id of the wish, and its adoption."""


class AdoptionsById:
    """Finds by one read of each collection all that are asked for at a moment: every claim with a key asks first."""

    def __init__(self, claims: Collection, ended: Collection) -> None:
        self._claims, self._ended = claims, ended
        self._gathering: Gathering[str, Found | None] = Gathering(self._find, name="adoptions-by-id")

    async def find(self, adoption_id: str) -> Found | None:
        """The adoption by this id, if there ever was one."""
        return await self._gathering.ask(adoption_id)

    async def _find(self, ids: list[str]) -> list[Found | BaseException | None]:
        found: dict[str, tuple[str, Document]] = {}
        asked = list(dict.fromkeys(ids))
        either = {"$or": [{"adoptions.id": {"$in": asked}}, {"ended.id": {"$in": asked}}]}
        for row in await self._claims.find(either, {"adoptions": 1, "ended": 1}).to_list(None):
            found |= {one["id"]: (row["_id"], one) for one in (*row["ended"], *row["adoptions"])}
        # After the claims: what is moved is put into the history before it leaves them.
        if left := [one for one in asked if one not in found]:
            for row in await self._ended.find({"_id": {"$in": left}}).to_list(None):
                found[row["_id"]] = (row["wish_id"], row)
        return [(found[one][0], adoption_of(found[one][1])) if one in found else None for one in ids]
