"""Put a wish before the community's staff."""

from dataclasses import dataclass, replace

from microwish.events import Actor, Category, Community, Role
from microwish.identity.people import Person
from microwish.privacy.phones import is_mobile
from microwish.when import When
from wish_service.domain import review, text_rules
from wish_service.domain.access import staff_actor
from wish_service.domain.campaign import Choice
from wish_service.domain.consents import NOT_RECORDED, Consents, consent_faults, relation_of
from wish_service.domain.errors import Fault, InvalidInput, OtherCommunity, StaffOnly
from wish_service.domain.wish import ANONYMOUS, Wish
from wish_service.settings import WishSettings
from wish_service.store.communities import Communities
from wish_service.store.people import People
from wish_service.store.seals import OpenContact
from wish_service.use_cases.asked import Asked


@dataclass(frozen=True)
class PostWish:
    """What somebody asks for. Texts in clear; the contact's phone normalised; the value in fen.

    beneficiary: a code of the catalogue of relations, or somebody's own words; for_child: they are under 14.
    """

    title: str
    detail: str
    category: Category
    community: str
    contact: OpenContact
    beneficiary: str | None = None
    for_child: bool = False
    slots: int = 1
    estimated_value_fen: int | None = None
    on_behalf: bool = False
    consents: Consents = NOT_RECORDED
    public_name: str = ANONYMOUS
    campaign_id: str | None = None


async def post_wish(
    command: PostWish,
    asked: Asked,
    *,
    id: str,
    people: People,
    tree: Communities,
    settings: WishSettings,
    campaign: Choice | None = None,
) -> Wish:
    """Keep the wish sealed and announce it without its text (WishSubmitted).

    On behalf of somebody, the wish belongs to whoever has the contact's mobile; a landline belongs to nobody.
    Raises: InvalidInput, StaffOnly, OtherCommunity, KeyReused.
    """
    faults = faults_of(command, tree, settings)
    if campaign:
        faults += campaign.faults(tree.current(command.community), asked.when.at)
        command = replace(command, campaign_id=campaign.id)
    if faults:
        raise InvalidInput(faults, _code(faults))
    by = _actor(command, asked.person, tree.current(command.community))
    return await keep_wish(command, asked, by, id=id, people=people, tree=tree)


def faults_of(command: PostWish, tree: Communities, settings: WishSettings) -> list[Fault]:
    """Everything that is wrong with what somebody asks for, whoever asks."""
    faults = _faults(command, settings.ceiling_of(command.community))
    if tree.community(command.community) is None:
        faults.append(Fault("community", "field.community_unknown"))
    return faults


async def keep_wish(command: PostWish, asked: Asked, by: Actor, *, id: str, people: People, tree: Communities) -> Wish:
    """Keep what `faults_of` found nothing wrong with, and what its actor may do. Raises: KeyReused."""
    # An accepted import may wait while its community moves; the move takes along what is still under the old code.
    community = tree.community(command.community) or Community(code=command.community, name=command.community)
    resident_id = await _resident(command, asked.person, people, by, asked.when)
    seals = asked.seals
    relation, words = relation_of(command.beneficiary) if command.beneficiary else (None, None)
    wish = Wish(
        id=id,
        resident_id=resident_id,
        posted_by=asked.person.id,
        on_behalf=command.on_behalf,
        community=community,
        category=command.category,
        title=seals.for_wish(id, command.title),
        detail=seals.for_wish(id, command.detail),
        contact=seals.contact(id, command.contact),
        submitted_at=asked.when.at,
        slots=command.slots,
        beneficiary=asked.seal(id, words),
        relation=relation.value if relation else None,
        for_child=command.for_child,
        estimated_value_fen=command.estimated_value_fen,
        consents=_kept(command, asked, id),
        public_name=command.public_name,
        campaign_id=command.campaign_id,
    )
    submitted = review.submitted(wish, by, asked.when)
    return await asked.wishes.add(submitted, when=asked.when, idempotency=asked.idempotency)


def _faults(command: PostWish, ceiling_fen: int) -> list[Fault]:
    texts = {"title": command.title, "detail": command.detail}
    return [
        *text_rules.money_faults(**texts),
        *text_rules.number_faults(**texts, public_name=command.public_name),
        *text_rules.value_faults(command.estimated_value_fen, ceiling_fen),
        *consent_faults(command.consents, for_child=command.for_child),
    ]


def _kept(command: PostWish, asked: Asked, id: str) -> Consents:
    given = command.consents
    sealed = replace(
        given,
        note=asked.seal(id, given.note),
        guardian_name=asked.seal(id, given.guardian_name),
        guardian_relation=asked.seal(id, given.guardian_relation),
    )
    if not command.on_behalf:
        return sealed
    # Who acts for themselves says so with the wish; what staff say for others needs its own record.
    return replace(sealed, recorded_by=asked.person.id, recorded_at=asked.when.recorded_at)


def _code(faults: list[Fault]) -> str:
    return "money_refused" if any(fault.problem == "field.money" for fault in faults) else "invalid"


def _actor(command: PostWish, person: Person, community: str) -> Actor:
    if not command.on_behalf:
        return Actor(person_id=person.id, role=Role.RESIDENT)
    if person.serves(community):
        return staff_actor(person)
    raise OtherCommunity(person.id) if person.communities else StaffOnly(person.id)


async def _resident(command: PostWish, person: Person, people: People, by: Actor, when: When) -> str | None:
    if not command.on_behalf:
        return person.id
    if not is_mobile(command.contact.phone):
        return None
    return (await people.with_phone(command.contact.phone, when=when, by=by)).id
