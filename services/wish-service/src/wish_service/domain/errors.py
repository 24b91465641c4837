"""Everything this service refuses, by stable codes.

DomainError ── WrongState           wrong_state        the wish's state has no such step
            ├─ AdoptionNotFound     adoption_not_found the wish has no such adoption
            ├─ NotDelivered         not_delivered      nothing was delivered that could be confirmed or disputed
            ├─ AlreadyConfirmed     already_confirmed  it was confirmed before
            ├─ InvalidInput         invalid            fields at fault, each with what to do
            ├─ NotAllowed           forbidden          signed in, but not theirs to do
            │  ├─ OtherCommunity    other_community    staff, but of another place
            │  ├─ StaffOnly         staff_only         on behalf of somebody: staff alone may
            │  └─ ScopeElsewhere    scope_elsewhere    staff, but not of all the places that a campaign is for
            ├─ TaskAlreadyDone      task_done          somebody has seen to the task before
            ├─ TooManyPhotos        too_many_photos    a wish has nine at most
            ├─ PhotoNotFound        photo_not_found    the wish has no such photo
            ├─ PhotoPlaceLost       busy               storing it took so long that its place was given up
            ├─ ContactErased        contact_erased     the resident asked to be forgotten
            ├─ Hidden               not_found          not public and not theirs: it might as well not exist
            ├─ ChangedMeanwhile     changed_meanwhile  it is not what staff had read when they decided
            ├─ InReview             in_review          another member of staff has it for review, for some minutes
            ├─ AlreadyMoved         community_moved    the community goes on under another code
            ├─ CommunityTaken       community_taken    that code is another community's: say merge, or choose another
            ├─ AlreadyImported      already_imported   a file with the same wishes was imported before
            ├─ TooMuchText          import_too_large   more text than one import can keep
            ├─ CannotMerge          cannot_merge       into itself, or into a wish that isn't on the wall
            ├─ CodeWrong            code_wrong         another try is left
            ├─ CodeExpired          code_expired       used, too old, tried too often, or never issued
            ├─ AskedTooOften        asked_too_often    more questions about similar wishes than the limit per person
            └─ TooManyCodes         too_many_codes     the limit per phone or address is reached
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


class DomainError(Exception):
    """Base of all refusals; nothing was changed."""

    code = "refused"


class WrongState(DomainError):
    """The table of states has no such step. `status` and `command` are words of the table."""

    code = "wrong_state"

    def __init__(self, status: str, command: str) -> None:
        super().__init__(f"cannot {command} a wish that is {status}")
        self.status = status
        self.command = command


class AdoptionNotFound(DomainError):
    """The wish has no such adoption."""

    code = "adoption_not_found"


class NotDelivered(DomainError):
    """Nothing was delivered that could be confirmed or disputed."""

    code = "not_delivered"


class AlreadyConfirmed(DomainError):
    """The delivery was confirmed before."""

    code = "already_confirmed"


@dataclass(frozen=True)
class Fault:
    """One field at fault; `problem` names the text to show, filled with `values`."""

    field: str
    problem: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)


class InvalidInput(DomainError):
    """Fields are at fault."""

    code = "invalid"

    def __init__(self, faults: Sequence[Fault], code: str = "invalid") -> None:
        super().__init__(", ".join(f"{fault.field}: {fault.problem}" for fault in faults))
        self.faults = list(faults)
        self.code = code


class NotAllowed(DomainError):
    """Signed in, but not theirs to do."""

    code = "forbidden"


class OtherCommunity(NotAllowed):
    """Staff, but of another place."""

    code = "other_community"


class StaffOnly(NotAllowed):
    """Only staff act on somebody's behalf."""

    code = "staff_only"


class ScopeElsewhere(NotAllowed):
    """Staff, but not of all the places that it is for."""

    code = "scope_elsewhere"

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.faults = [Fault("scope", "field.scope_elsewhere")]


class Hidden(DomainError):
    """Not public and not theirs."""

    code = "not_found"


class ContactErased(DomainError):
    """The resident asked to be forgotten: nobody can be reached."""

    code = "contact_erased"


class TaskAlreadyDone(DomainError):
    """Somebody has seen to the task before, or its reason has gone."""

    code = "task_done"


class TooManyPhotos(DomainError):
    """The wish has as many as it may have; `extra` tells how many."""

    code = "too_many_photos"

    def __init__(self, limit: int) -> None:
        super().__init__("too many photos")
        self.extra = {"limit": limit}


class PhotoNotFound(DomainError):
    """The wish has no such photo."""

    code = "photo_not_found"


class PhotoPlaceLost(DomainError):
    """Storing took so long that the place was given up, or a retry took it over. Trying again helps."""

    code = "busy"


class AlreadyImported(DomainError):
    """A file with the same wishes was imported before; `extra` names that import."""

    code = "already_imported"

    def __init__(self, import_id: str) -> None:
        super().__init__("imported before")
        self.extra = {"import_id": import_id}


class TooMuchText(DomainError):
    """More text than one import can keep; nothing was imported."""

    code = "import_too_large"


class CannotMerge(DomainError):
    """Into itself, or into a wish that isn't on the wall."""

    code = "cannot_merge"


class CodeWrong(DomainError):
    """The code doesn't match; `extra` tells how many tries are left."""

    code = "code_wrong"

    def __init__(self, tries_left: int) -> None:
        super().__init__("wrong code")
        self.extra = {"tries_left": tries_left}


class CodeExpired(DomainError):
    """Used, too old, tried too often, or never issued: ask for a new one."""

    code = "code_expired"


class TooManyCodes(DomainError):
    """The limit is reached; `retry_after_seconds` says how long it lasts."""

    code = "too_many_codes"

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("too many codes")
        self.retry_after_seconds = retry_after_seconds


class AskedTooOften(DomainError):
    """The limit is reached; `retry_after_seconds` says how long it lasts."""

    code = "asked_too_often"

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("too many questions")
        self.retry_after_seconds = retry_after_seconds


class ChangedMeanwhile(DomainError):
    """The wish is not what staff had before them when they decided: it has to be read again."""

    code = "changed_meanwhile"


class InReview(DomainError):
    """Another member of staff has it for review; nobody decides meanwhile. `until` is the database's time, UTC."""

    code = "in_review"

    def __init__(self, by: str, until: datetime) -> None:
        super().__init__("somebody reviews it")
        self.by = by
        self.until = until


class AlreadyMoved(DomainError):
    """The community goes on under another code; its own only leads there."""

    code = "community_moved"

    def __init__(self, community: str, moved_to: str) -> None:
        super().__init__(f"{community} has moved")
        self.extra = {"community": community, "moved_to": moved_to}


class CommunityTaken(DomainError):
    """The code is another community's, and nobody said that the two shall be one."""

    code = "community_taken"

    def __init__(self, community: str) -> None:
        super().__init__(f"{community} is in use")
        self.extra = {"community": community}
