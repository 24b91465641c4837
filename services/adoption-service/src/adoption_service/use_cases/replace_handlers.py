"""What a member handled who left gets another handler, whatever happens to the process that began it."""

from adoption_service.domain import handler as handling
from adoption_service.domain import membership
from adoption_service.domain.adoption import Adoption, AdoptionState
from adoption_service.domain.claims import Claims, Decided
from adoption_service.domain.organisation import Departed, Member, Organisation
from adoption_service.domain.tending import SYSTEM, Act
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.organisations import OrganisationStore
from adoption_service.use_cases.claim_wish import DoorCode
from adoption_service.use_cases.name_handler import handler_for
from microwish.one_by_one import by_itself
from microwish.privacy.sealing import Sealer
from microwish.when import When


async def replace_handlers(
    organisations: OrganisationStore, claims: ClaimsStore, sealer: Sealer, *, door_code: DoorCode, when: When
) -> None:
    """Name a manager for every active adoption of somebody who left (HandlerNamed), each in one write.

    Looked for until no claim from before can arrive any more. Doing it again changes nothing; where no manager is left
    it waits until staff have named one.
    """
    for organisation in await organisations.with_departed():
        for gone in organisation.departed:
            named = membership.successor(organisation, gone)
            if named is None:
                continue
            work = _replace(organisation, gone, named, claims, sealer, door_code, when)
            if await by_itself(work, what="handlers", subject=organisation.id) and gone.until <= when.recorded_at:
                await organisations.seen_to(organisation.id, gone)


async def _replace(
    organisation: Organisation,
    gone: Departed,
    named: Member,
    claims: ClaimsStore,
    sealer: Sealer,
    door_code: DoorCode,
    when: When,
) -> bool:
    def replaced(found: Claims) -> Decided | None:
        held = next((one for one in found.adoptions if _of(one, organisation, gone)), None)
        if held is None:
            return None
        handler = handler_for(found.wish_id, named, organisation.id, sealer, door_code())
        return handling.name_handler(found, held.id, Act(SYSTEM, when), handler=handler)

    async for wish_id in claims.handled_by(gone.person_id, organisation.id):
        await claims.decide(wish_id, replaced, when=when)
    return True


def _of(adoption: Adoption, organisation: Organisation, gone: Departed) -> bool:
    theirs = adoption.organisation.id == organisation.id and adoption.handler_id == gone.person_id
    return theirs and adoption.state is AdoptionState.ACTIVE
