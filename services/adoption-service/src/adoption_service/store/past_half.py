"""How many of an organisation's adoptions are past half their term: asked before each claim."""

from datetime import datetime

from adoption_service.domain.adoption import AdoptionState
from microwish.store.gathering import Gathering
from microwish.store.mongo import Collection

_Asked = tuple[str, datetime]


class PastHalf:
    """Counts by one read for all organisations that are asked about at a moment; it mostly finds nothing.

    What it finds is bounded by what an organisation lets pass its half: few, as more keep it from claiming.
    """

    def __init__(self, claims: Collection) -> None:
        self._claims = claims
        self._gathering: Gathering[_Asked, int] = Gathering(self._count, name="past-half")

    async def count(self, organisation_id: str, now: datetime) -> int:
        """Its active adoptions of which half the term is over."""
        return await self._gathering.ask((organisation_id, now))

    async def _count(self, asked: list[_Asked]) -> list[int | BaseException]:
        ids, latest = list({organisation for organisation, _ in asked}), max(now for _, now in asked)
        past = {
            "organisation.id": {"$in": ids},
            "state": AdoptionState.ACTIVE.value,
            "half_at": {"$lte": latest},
        }
        shown = {"adoptions.organisation.id": 1, "adoptions.state": 1, "adoptions.half_at": 1}
        found = await self._claims.find({"adoptions": {"$elemMatch": past}}, shown).to_list(None)
        active = [one for row in found for one in row["adoptions"] if one["state"] == AdoptionState.ACTIVE.value]
        halves = [(one["organisation"]["id"], one["half_at"]) for one in active]
        return [sum(holder == one and half_at <= now for holder, half_at in halves) for one, now in asked]
