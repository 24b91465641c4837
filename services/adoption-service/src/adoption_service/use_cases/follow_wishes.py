"""An organisation chooses of which new wishes it is told, and when."""

from adoption_service.domain.claims import Entry
from adoption_service.domain.organisation import Organisation
from adoption_service.store.organisations import OrganisationStore, Rewrite
from adoption_service.use_cases.acting import member_actor
from microwish.events import Category
from microwish.events.adoption import FollowingChanged, FollowNotice
from microwish.identity.people import Person
from microwish.store.aggregate import Idempotency
from microwish.store.mongo import Document
from microwish.when import When


async def follow_wishes(
    organisation_id: str,
    communities: list[str],
    categories: list[Category],
    notify: FollowNotice,
    manager: Person,
    organisations: OrganisationStore,
    *,
    when: When,
    idempotency: Idempotency | None = None,
) -> Document:
    """Follow these communities (prefixes) and categories (none: all). Raises: NotFound, NotMember, NotManager."""

    def follow(organisation: Organisation) -> Rewrite:
        organisation.manager(manager.id)
        by = member_actor(manager)
        event = FollowingChanged(
            organisation_id=organisation.id, by=by, communities=communities, categories=categories, notify=notify
        )
        following = event.model_dump(mode="json", include={"communities", "categories", "notify"})
        return Rewrite({"following": following}, [event], Entry("FollowingChanged", by))

    return await organisations.rewrite(organisation_id, follow, when=when, idempotency=idempotency)
