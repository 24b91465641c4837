"""Change a wish before it is published, or how to reach its resident at any time."""

from collections.abc import Callable
from dataclasses import dataclass

from microwish.events import Category
from wish_service.domain import review, text_rules
from wish_service.domain.access import as_owner_or_proxy
from wish_service.domain.campaign import Choice, joined
from wish_service.domain.errors import InvalidInput
from wish_service.domain.wish import Decision, Wish
from wish_service.store.seals import OpenContact
from wish_service.use_cases.asked import Asked


@dataclass(frozen=True)
class ReviseWish:
    """What changes; None leaves a field. Texts in clear."""

    title: str | None = None
    detail: str | None = None
    category: Category | None = None
    slots: int | None = None
    estimated_value_fen: int | None = None
    contact: OpenContact | None = None
    campaign: Choice | None = None

    @property
    def contact_only(self) -> bool:
        """Whether nothing but the contact changes, which needs no review."""
        return self == ReviseWish(contact=self.contact)


async def revise_wish(
    wish_id: str,
    command: ReviseWish,
    asked: Asked,
    *,
    ceiling_of: Callable[[str], int],
) -> Wish:
    """Keep the change and put the wish (back) into the review queue; a contact alone just changes.

    ceiling_of: the highest value in the district of a community, fen. Raises: InvalidInput.
    """
    texts = {"title": command.title, "detail": command.detail}
    money = text_rules.money_faults(**texts)
    faults = [*money, *text_rules.number_faults(**texts)]
    code = "money_refused" if money else "invalid"
    contact = asked.seals.contact(wish_id, command.contact) if command.contact else None
    revision = review.Revision(
        title=asked.seals.for_wish(wish_id, command.title) if command.title is not None else None,
        detail=asked.seals.for_wish(wish_id, command.detail) if command.detail is not None else None,
        category=command.category,
        slots=command.slots,
        estimated_value_fen=command.estimated_value_fen,
        contact=contact,
    )

    def decide(wish: Wish) -> Decision:
        by = as_owner_or_proxy(asked.person, wish)
        too_dear = text_rules.value_faults(command.estimated_value_fen, ceiling_of(wish.community.code))
        if faults or too_dear:
            raise InvalidInput([*faults, *too_dear], code)
        if contact and command.contact_only:
            return review.correct_contact(wish, contact, by, asked.when)
        return review.revise(joined(wish, command.campaign, asked.when.at), revision, by, asked.when)

    return await asked.change(wish_id, decide)
