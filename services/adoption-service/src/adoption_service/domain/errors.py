"""What can be refused, each with a stable code.

DomainError ── NotFound                 not_found         no such organisation or adoption (404)
├─ Forbidden                forbidden         not staff of that place (403)
│  ├─ NotMember             not_member        not a member of the organisation
│  ├─ NotManager            not_manager       only a manager may do this
│  ├─ NotVerified           not_verified      staff have not approved the organisation
│  ├─ NotHandler            not_handler       only the named handler reads the contact
│  └─ ContactClosed         contact_closed    the adoption is not active any more
├─ Conflict                                   (409)
│  ├─ Taken                 taken             every slot is held
│  ├─ AlreadyHeld           already_held      the organisation holds it already
│  ├─ WishClosed            closed            the wish has ended
│  ├─ Reserved              reserved          the free slots are for those who wait for them
│  ├─ NotYetClaimable       not_yet_claimable the wish is not posted, as far as is known here
│  ├─ SlotFree              slot_free         it need not wait: it can claim now
│  ├─ QueueFull             queue_full        a hundred organisations wait already
│  ├─ NotRecommended        not_recommended   nobody recommended the wish to it
│  ├─ LimitReached          limit_reached     too many adoptions past half their term
│  ├─ NotActive             not_active        the adoption is past that step
│  ├─ AlreadyExtended       already_extended  a lease is extended once
│  ├─ NotAsked              not_asked         the question was taken back, or never asked
│  ├─ AlreadyRegistered     already_registered the credit code or branch is known already
│  ├─ WrongState            wrong_state       the organisation can't go there from where it is
│  ├─ LastManager           last_manager      an organisation keeps one manager
│  ├─ TooManyInvitations    too_many_invitations fifty people are invited and have not come yet
│  ├─ ChangedMeanwhile      changed_meanwhile what staff looked at is not what waits now
│  └─ ContactErased         contact_erased    the resident asked to be forgotten
├─ ContactNotHere           contact_not_here  the contact has not arrived yet (503)
└─ Invalid                  invalid           a field is at fault (422)
"""

from typing import Any


class DomainError(Exception):
    """Nothing was changed."""

    code = "refused"

    @property
    def extra(self) -> dict[str, Any]:
        """Further members of the answer."""
        return {}


class NotFound(DomainError):
    """There is no such thing."""

    code = "not_found"


class Forbidden(DomainError):
    """This person may not."""

    code = "forbidden"


class NotMember(Forbidden):
    """Not a member of the organisation."""

    code = "not_member"


class NotManager(Forbidden):
    """A member, but not a manager."""

    code = "not_manager"


class NotVerified(Forbidden):
    """Staff have not approved the organisation, or have suspended it."""

    code = "not_verified"


class NotHandler(Forbidden):
    """Only the named handler reads how to reach the resident."""

    code = "not_handler"


class ContactClosed(Forbidden):
    """The adoption is not active, so the contact is masked again."""

    code = "contact_closed"


class Conflict(DomainError):
    """The state of things does not allow it."""

    code = "conflict"


class Taken(Conflict):
    """Every slot is held."""

    code = "taken"


class AlreadyHeld(Conflict):
    """The organisation holds this wish already."""

    code = "already_held"

    def __init__(self, adoption_id: str) -> None:
        super().__init__(adoption_id)
        self.adoption_id = adoption_id

    @property
    def extra(self) -> dict[str, Any]:
        """Which adoption that is."""
        return {"adoption_id": self.adoption_id}


class WishClosed(Conflict):
    """The wish has ended."""

    code = "closed"


class Reserved(Conflict):
    """What is free is for those who stand in the waiting list, or have an offer."""

    code = "reserved"


class NotYetClaimable(Conflict):
    """The wish is not posted, or the news of it has not arrived."""

    code = "not_yet_claimable"


class SlotFree(Conflict):
    """Nobody has to wait: a slot is free for it."""

    code = "slot_free"


class QueueFull(Conflict):
    """The waiting list is as long as it may be."""

    code = "queue_full"


class NotRecommended(Conflict):
    """Nobody recommended the wish to it, or the recommendation is answered."""

    code = "not_recommended"


class LimitReached(Conflict):
    """Too many adoptions of the organisation are past half their term."""

    code = "limit_reached"


class NotActive(Conflict):
    """The adoption is past the state in which this is possible."""

    code = "not_active"

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state

    @property
    def extra(self) -> dict[str, Any]:
        """The state that it is in."""
        return {"state": self.state}


class AlreadyExtended(Conflict):
    """A lease is extended once."""

    code = "already_extended"


class NotAsked(Conflict):
    """Nobody asks this organisation, or not any more."""

    code = "not_asked"


class AlreadyRegistered(Conflict):
    """The credit code or branch identifier is registered already."""

    code = "already_registered"


class WrongState(Conflict):
    """The organisation can't go there from the state it is in."""

    code = "wrong_state"

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state

    @property
    def extra(self) -> dict[str, Any]:
        """The state that it is in."""
        return {"state": self.state}


class LastManager(Conflict):
    """The organisation would be left without a manager."""

    code = "last_manager"


class TooManyInvitations(Conflict):
    """Fifty invitations wait already."""

    code = "too_many_invitations"


class ChangedMeanwhile(Conflict):
    """What staff looked at is not what waits for them now."""

    code = "changed_meanwhile"


class ContactErased(Conflict):
    """The resident asked to be forgotten."""

    code = "contact_erased"


class ContactNotHere(DomainError):
    """The contact has not arrived yet; it will."""

    code = "contact_not_here"
    retry_after_seconds = 3


class Invalid(DomainError):
    """A field is at fault. message: a key of the catalogue."""

    code = "invalid"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(field)
        self.field = field
        self.message = message
