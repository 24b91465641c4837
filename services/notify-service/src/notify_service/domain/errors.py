"""What can be refused here.

NotifyError
├─ MessageNotFound   404 not_found: no such message, or not one of the asker's communities
├─ NotResendable     409 not_resendable: only failed messages go again, and sign-in codes never do
├─ AlreadySent       409 already_sent: the provider says that it has accepted the message
├─ StillUnknown      409 still_unknown: nobody can say yet whether the provider accepted it
├─ CallNotFound      404 not_found: nobody to call, or not in the asker's communities
├─ AlertNotFound     404 not_found: no such alert
├─ LetterNotFound    404 not_found: no such dead letter
├─ LetterSettled     409 letter_settled: it was replayed or dropped before
├─ GroupGone         409 group_gone: who could not process it is no part of this release any more
└─ StillFailing      409 still_failing: it fails as it did before
"""


class NotifyError(Exception):
    """Base of all refusals of this service; nothing changed."""

    code = "refused"


class MessageNotFound(NotifyError):
    """No such message, or none that this person may see."""

    code = "not_found"


class CallNotFound(NotifyError):
    """Nobody is to be called under this id, or nobody that this person may see."""

    code = "not_found"


class NotResendable(NotifyError):
    """Its state, or what it is, forbids sending it again."""

    code = "not_resendable"


class AlreadySent(NotifyError):
    """The provider accepted it before."""

    code = "already_sent"


class StillUnknown(NotifyError):
    """Whether the provider accepted it can't be known yet; sending again could tell somebody twice."""

    code = "still_unknown"


class AlertNotFound(NotifyError):
    """No such alert."""

    code = "not_found"


class LetterNotFound(NotifyError):
    """No such dead letter."""

    code = "not_found"


class LetterSettled(NotifyError):
    """The dead letter was replayed or dropped before."""

    code = "letter_settled"


class GroupGone(NotifyError):
    """The consumer group of the dead letter is no part of this release any more, such as that of an older view."""

    code = "group_gone"


class StillFailing(NotifyError):
    """The dead letter fails as it did before; what broke it has to be mended first."""

    code = "still_failing"
