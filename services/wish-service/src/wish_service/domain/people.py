"""A person: their phone, and what they may be."""

from dataclasses import dataclass

from microwish.events.contact import ContactKind, ContactSaved
from microwish.identity.people import Role


@dataclass(frozen=True)
class KnownPerson:
    """Somebody who signed in, or whom staff named. phone and name are sealed for `contact:<id>`."""

    id: str
    phone: str
    phone_index: str
    name: str | None = None
    communities: tuple[str, ...] = ()


def roles_of(person: KnownPerson, *, is_first_admin: bool) -> list[Role]:
    """What the person is at sign-in: everyone a resident, staff by their communities, the first admins by setting."""
    roles = [Role.RESIDENT]
    if person.communities or is_first_admin:
        roles.append(Role.STAFF)
    if is_first_admin:
        roles += [Role.ADMIN, Role.OPS]
    return roles


def contact_of(person: KnownPerson) -> ContactSaved:
    """The contact as it is published."""
    return ContactSaved(
        contact_id=person.id,
        kind=ContactKind.PERSON,
        person_id=person.id,
        name=person.name,
        phone=person.phone,
        phone_index=person.phone_index,
    )
