"""What can be refused here.

NotifyError
├─ MessageNotFound   404 not_found: no such message, or not one of the asker's communities
├─ NotResendable     409 not_resendable: only failed messages go again, and sign-in codes never do
├─ AlreadySent       409 already_sent: the provider says that it has accepted the message
└─ StillUnknown      409 still_unknown: nobody can say yet whether the provider accepted it
"""


class NotifyError(Exception):
    """Base of all refusals of this service; nothing changed."""

    code = "refused"


class MessageNotFound(NotifyError):
    """No such message, or none that this person may see."""

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
