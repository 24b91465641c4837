"""In which capacity somebody acts, and whether they may."""

from adoption_service.domain.adoption import Adoption
from adoption_service.domain.errors import Forbidden, NotFound
from adoption_service.domain.organisation import Member
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.organisations import OrganisationStore
from microwish.events import Actor
from microwish.events import Role as ActorRole
from microwish.identity.people import Person, Role


def staff_actor(person: Person) -> Actor:
    """A person who acts as staff, or as admin."""
    role = ActorRole.STAFF if person.has(Role.STAFF) else ActorRole.ADMIN
    return Actor(person_id=person.id, role=role)


def member_actor(person: Person) -> Actor:
    """A person who acts for their organisation."""
    return Actor(person_id=person.id, role=ActorRole.MEMBER)


async def member_of_adoption(
    adoption_id: str, person: Person, claims: ClaimsStore, organisations: OrganisationStore
) -> tuple[str, Adoption, Member]:
    """The wish, the adoption and the member who acts for its organisation. Raises: NotFound, NotMember."""
    wish_id, adoption = await claims.adoption(adoption_id)
    organisation = await organisations.get(adoption.organisation.id)
    return wish_id, adoption, organisation.member(person.id)


async def reader_of_adoption(
    adoption_id: str, person: Person, claims: ClaimsStore, organisations: OrganisationStore
) -> tuple[str, Adoption]:
    """The wish and the adoption, for a member of its organisation or staff of the wish's community.

    Raises: NotFound, NotMember.
    """
    wish_id, adoption = await claims.adoption(adoption_id)
    found = await claims.find(wish_id)
    if found is not None and person.serves(found.community):
        return wish_id, adoption
    organisation = await organisations.get(adoption.organisation.id)
    organisation.member(person.id)
    return wish_id, adoption


async def staff_of_adoption(adoption_id: str, person: Person, claims: ClaimsStore) -> tuple[str, Adoption]:
    """The wish and the adoption, for staff of its community. Raises: NotFound, Forbidden."""
    wish_id, adoption = await claims.adoption(adoption_id)
    found = await claims.find(wish_id)
    if found is None:
        raise NotFound(wish_id)
    if not person.serves(found.community):
        raise Forbidden
    return wish_id, adoption
