"""Staff recommend a wish to an organisation (推荐), which answers by claiming it or by saying no."""

from dataclasses import replace

from adoption_service.domain.claims import Claims, ClaimsState, Decided, Entry, Recommendation
from adoption_service.domain.errors import NotRecommended
from adoption_service.domain.tending import Act
from microwish.events.adoption import RecommendationDeclined
from microwish.events.wish import WishRecommended
from microwish.when import When

KEPT = 100
"""How many unanswered recommendations of one wish are remembered, the newest."""


def remember(claims: Claims, event: WishRecommended, when: When) -> Decided | None:
    """Keep that it was recommended until it is answered; nothing for who holds it, or of a wish that isn't open."""
    if claims.state is not ClaimsState.OPEN or claims.holder(event.organisation_id) is not None:
        return None
    others = _without(claims, event.organisation_id)
    kept = (*others, Recommendation(event.organisation_id, when.at))[-KEPT:]
    entry = Entry("WishRecommended", event.by, organisation_id=event.organisation_id)
    return Decided(replace(claims, recommended=kept), (), (entry,))


def decline(claims: Claims, organisation_id: str, act: Act, *, reason: str | None) -> Decided:
    """The organisation says no. reason: sealed. Raises: NotRecommended."""
    left = _without(claims, organisation_id)
    if len(left) == len(claims.recommended):
        raise NotRecommended
    event = RecommendationDeclined(wish_id=claims.wish_id, by=act.by, organisation_id=organisation_id, reason=reason)
    entry = Entry("RecommendationDeclined", act.by, why=reason, organisation_id=organisation_id)
    return Decided(replace(claims, recommended=left), (event,), (entry,))


def _without(claims: Claims, organisation_id: str) -> tuple[Recommendation, ...]:
    return tuple(one for one in claims.recommended if one.organisation_id != organisation_id)
