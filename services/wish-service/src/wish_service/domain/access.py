"""Who may do what to a wish. Whoever may not even see it is told that there is none."""

from collections.abc import Collection

from microwish.events import Actor, Role
from microwish.identity.people import Person
from microwish.identity.people import Role as PersonRole
from wish_service.domain.errors import Hidden, NotAllowed, OtherCommunity
from wish_service.domain.states import PUBLIC
from wish_service.domain.wish import Wish


def owns(person: Person, wish: Wish) -> bool:
    """Whether it is this person's own wish; once its resident is forgotten it is nobody's."""
    return wish.erased_at is None and wish.resident_id is not None and wish.resident_id == person.id


def as_owner(person: Person, wish: Wish) -> Actor:
    """The resident acting on their own wish. Raises: NotAllowed, Hidden."""
    if owns(person, wish):
        return Actor(person_id=person.id, role=Role.RESIDENT)
    raise _refused(person, wish)


def as_staff(person: Person, wish: Wish) -> Actor:
    """Staff of the wish's community. Raises: OtherCommunity, NotAllowed, Hidden."""
    if person.serves(wish.community.code):
        return staff_actor(person)
    raise _refused(person, wish)


def as_owner_or_proxy(person: Person, wish: Wish) -> Actor:
    """The resident; for one without an account, who can't sign in, staff of the community (代办).

    Raises: OtherCommunity, NotAllowed, Hidden.
    """
    return as_staff(person, wish) if wish.resident_id is None else as_owner(person, wish)


def as_owner_or_staff(person: Person, wish: Wish) -> Actor:
    """The resident, else staff of the community. Raises: OtherCommunity, NotAllowed, Hidden."""
    return as_owner(person, wish) if owns(person, wish) else as_staff(person, wish)


def staff_actor(person: Person) -> Actor:
    """The person in the capacity of staff, or of admin who isn't staff."""
    return Actor(person_id=person.id, role=Role.STAFF if person.has(PersonRole.STAFF) else Role.ADMIN)


def areas_of(code: str) -> list[str]:
    """The division codes that a community lies in, itself included: 310117001001 → 310117, 310117001, 310117001001."""
    return [code[:length] for length in (6, 9, 12) if len(code) >= length]


def served_areas(person: Person) -> Collection[str] | None:
    """The prefixes whose wishes the person may work on; None: all of them."""
    return None if person.has(PersonRole.ADMIN) else person.communities


def _refused(person: Person, wish: Wish) -> NotAllowed | Hidden:
    if owns(person, wish):
        return NotAllowed(wish.id)
    if person.has(PersonRole.STAFF):
        return OtherCommunity(wish.id)
    return NotAllowed(wish.id) if wish.status in PUBLIC else Hidden(wish.id)
