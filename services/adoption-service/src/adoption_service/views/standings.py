"""What concerns an organisation without being its: offered, recommended, waited for. From the truth."""

from dataclasses import dataclass
from datetime import UTC, datetime

from adoption_service.domain.claims import Claims, Offer, Recommendation
from adoption_service.domain.waiting import Place, place_of
from adoption_service.store.claims import ClaimsStore

READ = {"queue": 1, "offers": 1, "recommended": 1}
MOST = 200
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Standing:
    """How an organisation stands to one wish."""

    wish_id: str
    place: Place
    recommended_at: datetime | None


async def standings_of(claims: ClaimsStore, organisation_id: str, *, now: datetime) -> list[Standing]:
    """Offers first, the soonest end before; then recommendations, the newest before; then waiting lists by place."""
    found = claims.collection.find(claims.concerning(organisation_id), READ).limit(MOST)
    rows = [
        _standing(
            Claims(
                document["_id"],
                queue=tuple(document["queue"]),
                offers=tuple(Offer(**one) for one in document["offers"]),
                recommended=tuple(Recommendation(**one) for one in document.get("recommended", [])),
            ),
            organisation_id,
            now,
        )
        async for document in found
    ]
    return sorted((row for row in rows if row is not None), key=_order)


def _standing(claims: Claims, organisation_id: str, now: datetime) -> Standing | None:
    """None where all there was is an offer that ran out a moment ago."""
    place = place_of(claims, organisation_id, now)
    recommended_at = next((one.at for one in claims.recommended if one.organisation_id == organisation_id), None)
    if place.place is None and place.offer_until is None and recommended_at is None:
        return None
    return Standing(claims.wish_id, place, recommended_at)


def _order(row: Standing) -> tuple[datetime, float, int]:
    newest_first = -row.recommended_at.timestamp() if row.recommended_at else 0.0
    return row.place.offer_until or NEVER, newest_first, row.place.place or 0
