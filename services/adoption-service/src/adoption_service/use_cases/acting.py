"""In which capacity somebody acts, and whether they may."""

from adoption_service.domain.adoption import Adoption
from adoption_service.domain.errors import Forbidden, NotFound, NotMember
from adoption_service.domain.organisation import Member, Organisation
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.organisations import OrganisationStore
from microwish.events import Actor
from microwish.events import Role as ActorRole
from microwish.events.adoption import OrganisationRef
from microwish.identity.people import Person, Role


def staff_actor(person: Person) -> Actor:
    """A person who acts as staff, or as admin."""
    role = ActorRole.STAFF if person.has(Role.STAFF) else ActorRole.ADMIN
    return Actor(person_id=person.id, role=role)


def member_actor(person: Person) -> Actor:
    """A person who acts for their organisation."""
    return Actor(person_id=person.id, role=ActorRole.MEMBER)


async def acting_for(organisation_id: str, person_id: str, organisations: OrganisationStore) -> Organisation:
    """The organisation that a person acts for. Raises: NotMember."""
    try:
        organisation = await organisations.get(organisation_id)
    except NotFound:
        raise NotMember from None  # whoever is no member need not know which organisations exist
    organisation.member(person_id)
    return organisation


async def member_of_adoption(
    adoption_id: str, person: Person, claims: ClaimsStore, organisations: OrganisationStore
) -> tuple[str, Adoption, Member]:
    """The wish, the adoption and the member who acts for its organisation. Raises: NotFound, NotMember."""
    wish_id, adoption = await claims.adoption(adoption_id)
    organisation = await organisations.get(adoption.organisation.id)
    return wish_id, adoption, organisation.member(person.id)


async def partner_of_adoption(
    adoption_id: str, person: Person, claims: ClaimsStore, organisations: OrganisationStore
) -> tuple[str, Adoption, OrganisationRef]:
    """The wish, the adoption, and for which of the organisations that hold it the person acts: the lead first.

    Raises: NotFound, NotMember.
    """
    wish_id, adoption = await claims.adoption(adoption_id)
    for holder in (adoption.organisation, *adoption.partners):
        organisation = await organisations.get(holder.id)
        if any(member.person_id == person.id for member in organisation.members):
            return wish_id, adoption, holder
    raise NotMember


async def reader_of_adoption(
    adoption_id: str, person: Person, claims: ClaimsStore, organisations: OrganisationStore
) -> tuple[str, Adoption]:
    """The wish and the adoption, for a member of an organisation that holds it or staff of the wish's community.

    Raises: NotFound, NotMember.
    """
    wish_id, adoption = await claims.adoption(adoption_id)
    found = await claims.find(wish_id)
    if found is not None and person.serves(found.community):
        return wish_id, adoption
    return (await partner_of_adoption(adoption_id, person, claims, organisations))[:2]


async def staff_of_adoption(adoption_id: str, person: Person, claims: ClaimsStore) -> tuple[str, Adoption]:
    """The wish and the adoption, for staff of its community. Raises: NotFound, Forbidden."""
    wish_id, adoption = await claims.adoption(adoption_id)
    found = await claims.find(wish_id)
    if found is None:
        raise NotFound(wish_id)
    if not person.serves(found.community):
        raise Forbidden
    return wish_id, adoption
