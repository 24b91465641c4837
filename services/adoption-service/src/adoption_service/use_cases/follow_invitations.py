"""Who was invited and has signed in is a member; who never came is not waited for for ever.

What counts is who has the phone now, as the contacts view knows it, not an event that says who once had it. So it makes
no difference whether the contact or the invitation came first, or which process died when.
"""

from adoption_service.domain.organisation import Organisation
from adoption_service.domain.tending import SYSTEM
from adoption_service.store.erasures import Erasures
from adoption_service.store.organisations import BATCH, OrganisationStore
from adoption_service.use_cases.invite_member import end_invitations, join
from adoption_service.views.contacts import Contacts
from microwish.events.adoption import InvitationEnd
from microwish.one_by_one import by_itself
from microwish.when import When


class FollowInvitations:
    """Looks at some organisations a round, and goes through all of them in turn; any number of processes may."""

    def __init__(self, organisations: OrganisationStore, contacts: Contacts, erasures: Erasures) -> None:
        self._organisations = organisations
        self._contacts = contacts
        self._erasures = erasures
        self._after = ""

    async def __call__(self, *, when: When) -> None:
        """One round."""
        waiting = await self._organisations.with_invitations(after=self._after)
        self._after = waiting[-1].id if len(waiting) == BATCH else ""
        indexes = {one.phone_index for organisation in waiting for one in organisation.invitations}
        people = await self._contacts.people_by_index(indexes) if indexes else {}
        for organisation in waiting:
            await by_itself(self._one(organisation, people, when), what="invitations", subject=organisation.id)

    async def _one(self, organisation: Organisation, people: dict[str, str], when: When) -> None:
        late = [one.id for one in organisation.invitations if one.until <= when.recorded_at]
        if late:
            await end_invitations(organisation.id, late, InvitationEnd.EXPIRED, SYSTEM, self._organisations, when)
        for one in organisation.invitations:
            person_id = people.get(one.phone_index)
            if one.id not in late and person_id is not None and not await self._erasures.has(person_id):
                await join(organisation.id, one.id, person_id, self._organisations, when=when)
