"""Staff recommend (推荐) a wish to an organisation."""

from wish_service.domain import recommendation
from wish_service.domain.access import as_staff
from wish_service.domain.wish import Decision, Wish
from wish_service.use_cases.asked import Asked


async def recommend_wish(wish_id: str, organisation_id: str, asked: Asked) -> Wish:
    """Tell its managers of a wish that waits to be claimed (WishRecommended); each organisation is told once.

    Raises: OtherCommunity.
    """

    def decide(wish: Wish) -> Decision | None:
        return recommendation.recommend(wish, organisation_id, as_staff(asked.person, wish), asked.when)

    return await asked.change(wish_id, decide)
