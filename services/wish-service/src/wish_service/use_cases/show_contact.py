"""Show staff how to reach a resident, and let the resident see that they did."""

from wish_service.domain.access import as_staff
from wish_service.domain.reactions import contact_shown
from wish_service.domain.wish import Decision, Wish
from wish_service.store.seals import OpenContact
from wish_service.use_cases.asked import Asked


async def show_contact(wish_id: str, asked: Asked) -> OpenContact:
    """The contact in clear. The reading is on record before anything is shown. Raises: OtherCommunity."""

    def decide(wish: Wish) -> Decision:
        return contact_shown(wish, as_staff(asked.person, wish), asked.when)

    wish = await asked.change(wish_id, decide)
    return asked.seals.open_contact(wish_id, wish.contact)
