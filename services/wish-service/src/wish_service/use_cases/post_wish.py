"""Put a wish before the community's staff."""

from dataclasses import dataclass

from microwish.events import Actor, Category, Role
from microwish.identity.people import Person
from microwish.privacy.phones import is_mobile
from microwish.when import When
from wish_service.domain import review, text_rules
from wish_service.domain.access import staff_actor
from wish_service.domain.errors import Fault, InvalidInput, OtherCommunity, StaffOnly
from wish_service.domain.wish import ANONYMOUS, NOT_RECORDED, Consents, Wish
from wish_service.settings import WishSettings
from wish_service.store.communities import Communities
from wish_service.store.people import People
from wish_service.store.seals import OpenContact
from wish_service.use_cases.asked import Asked


@dataclass(frozen=True)
class PostWish:
    """What somebody asks for. Texts in clear; the contact's phone normalised; the value in fen.

    for_child: the beneficiary is under 14.
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


async def post_wish(
    command: PostWish,
    asked: Asked,
    *,
    id: str,
    people: People,
    tree: Communities,
    settings: WishSettings,
) -> Wish:
    """Keep the wish sealed and announce it without its text (WishSubmitted).

    On behalf of somebody, the wish belongs to whoever has the contact's mobile; a landline belongs to nobody.
    Raises: InvalidInput, StaffOnly, OtherCommunity, KeyReused.
    """
    community = tree.community(command.community)
    faults = _faults(command, settings.value_ceiling_fen)
    if community is None:
        faults.append(Fault("community", "field.community_unknown"))
    if faults or community is None:
        raise InvalidInput(faults, _code(faults))
    by = _actor(command, asked.person)
    resident_id = await _resident(command, asked.person, people, by, asked.when)
    seals = asked.seals
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
        beneficiary=asked.seal(id, command.beneficiary),
        estimated_value_fen=command.estimated_value_fen,
        consents=command.consents,
        public_name=command.public_name,
    )
    submitted = review.submitted(wish, by, asked.when)
    return await asked.wishes.add(submitted, when=asked.when, idempotency=asked.idempotency)


def _faults(command: PostWish, ceiling_fen: int) -> list[Fault]:
    texts = {"title": command.title, "detail": command.detail}
    consents = command.consents
    refused = [Fault("consents.publishing", "field.consent_needed")] if consents.publishing is False else []
    # PIPL art. 31: for a child under 14 a guardian agrees, whoever asks.
    unguarded = (
        [Fault("consents.guardian", "field.guardian_needed")] if command.for_child and not consents.guardian else []
    )
    return [
        *text_rules.money_faults(**texts),
        *text_rules.number_faults(**texts, public_name=command.public_name),
        *text_rules.value_faults(command.estimated_value_fen, ceiling_fen),
        *refused,
        *unguarded,
    ]


def _code(faults: list[Fault]) -> str:
    return "money_refused" if any(fault.problem == "field.money" for fault in faults) else "invalid"


def _actor(command: PostWish, person: Person) -> Actor:
    if not command.on_behalf:
        return Actor(person_id=person.id, role=Role.RESIDENT)
    if person.serves(command.community):
        return staff_actor(person)
    raise OtherCommunity(person.id) if person.communities else StaffOnly(person.id)


async def _resident(command: PostWish, person: Person, people: People, by: Actor, when: When) -> str | None:
    if not command.on_behalf:
        return person.id
    if not is_mobile(command.contact.phone):
        return None
    return (await people.with_phone(command.contact.phone, when=when, by=by)).id
