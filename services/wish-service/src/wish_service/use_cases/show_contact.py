"""Show staff how to reach a resident, and let the resident see that they did."""

from microwish.identity.people import Person
from microwish.when import When
from wish_service.domain.access import as_staff
from wish_service.domain.reactions import contact_shown
from wish_service.domain.wish import Decision, Wish
from wish_service.store.seals import OpenContact, Seals
from wish_service.store.wishes import Wishes


async def show_contact(wish_id: str, *, person: Person, wishes: Wishes, seals: Seals, when: When) -> OpenContact:
    """The contact in clear. The reading is on record before anything is shown.

    Raises: OtherCommunity, NotAllowed, Hidden, WrongState, NotFound.
    """

    def decide(wish: Wish) -> Decision:
        return contact_shown(wish, as_staff(person, wish), when)

    wish = await wishes.change(wish_id, decide, when=when)
    return seals.open_contact(wish_id, wish.contact)
