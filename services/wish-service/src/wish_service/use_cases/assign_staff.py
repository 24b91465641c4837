"""Let a person serve communities."""

from microwish.events import Actor, Role
from microwish.identity.people import Person
from microwish.when import When
from wish_service.domain.errors import Fault, InvalidInput
from wish_service.domain.people import KnownPerson
from wish_service.store.communities import Communities
from wish_service.store.people import People


async def assign_staff(
    phone: str,
    communities: list[str],
    name: str | None,
    *,
    admin: Person,
    people: People,
    tree: Communities,
    when: When,
) -> KnownPerson:
    """Find or create the person by phone and assign the divisions; an empty list ends the service.

    Who is signed in already gets the new role at the next sign-in. Raises: InvalidInput.
    """
    unknown = [code for code in communities if not tree.knows(code)]
    if unknown:
        raise InvalidInput([Fault("communities", "field.community_unknown")])
    by = Actor(person_id=admin.id, role=Role.ADMIN)
    person = await people.with_phone(phone, when=when, by=by)
    return await people.assign(person, sorted({tree.current(code) for code in communities}), name, by=by, when=when)
