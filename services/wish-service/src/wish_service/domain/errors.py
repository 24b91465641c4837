"""Everything this service refuses, by stable codes.

DomainError ── WrongState           wrong_state        the wish's state has no such step
            ├─ AdoptionNotFound     adoption_not_found the wish has no such adoption
            ├─ NotDelivered         not_delivered      nothing was delivered that could be confirmed or disputed
            ├─ AlreadyConfirmed     already_confirmed  it was confirmed before
            ├─ InvalidInput         invalid            fields at fault, each with what to do
            ├─ NotAllowed           forbidden          signed in, but not theirs to do
            │  ├─ OtherCommunity    other_community    staff, but of another place
            │  └─ StaffOnly         staff_only         on behalf of somebody: staff alone may
            ├─ Hidden               not_found          not public and not theirs: it might as well not exist
            ├─ CannotMerge          cannot_merge       into itself, or into a wish that isn't on the wall
            ├─ CodeWrong            code_wrong         another try is left
            ├─ CodeExpired          code_expired       used, too old, tried too often, or never issued
            └─ TooManyCodes         too_many_codes     the limit per phone or address is reached
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


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


class Hidden(DomainError):
    """Not public and not theirs."""

    code = "not_found"


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
