"""Staff let an organisation have more adoptions past half their term than others, for a while."""

from datetime import datetime, timedelta

from adoption_service.domain.claims import Entry
from adoption_service.domain.errors import Forbidden, Invalid
from adoption_service.domain.organisation import Organisation
from adoption_service.store.organisations import OrganisationStore, Rewrite
from adoption_service.use_cases.acting import staff_actor
from microwish.events.adoption import LimitLifted
from microwish.identity.people import Person
from microwish.privacy.sealing import Sealer
from microwish.store.aggregate import Idempotency
from microwish.store.mongo import Document
from microwish.when import When

LONGEST = timedelta(days=366)


async def lift_limit(
    organisation_id: str,
    allowed: int,
    until: datetime,
    reason: str,
    staff: Person,
    organisations: OrganisationStore,
    sealer: Sealer,
    *,
    when: When,
    idempotency: Idempotency | None = None,
) -> Document:
    """Allow it this many until then (LimitLifted); a later word replaces an earlier.

    Raises: NotFound, Forbidden (not staff of its scope), Invalid (until: past, or over a year away), KeyReused.
    """
    if not when.recorded_at < until <= when.recorded_at + LONGEST:
        raise Invalid("until", "field.limit_until")
    sealed = sealer.seal(reason, about=f"organisation:{organisation_id}")

    def lift(organisation: Organisation) -> Rewrite:
        if not staff.serves(organisation.scope):
            raise Forbidden
        by = staff_actor(staff)
        event = LimitLifted(organisation_id=organisation.id, by=by, allowed=allowed, until=until, reason=sealed)
        limit = {"allowed": allowed, "until": until}
        return Rewrite({"limit": limit}, [event], Entry("LimitLifted", by, why=sealed), about={"allowed": allowed})

    return await organisations.rewrite(organisation_id, lift, when=when, idempotency=idempotency)
