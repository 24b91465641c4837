"""What the SMS providers need of a template: the id under which they approved it, and its variables in order."""

from collections.abc import Callable, Sequence

from notify_service.channels.port import Fate, Outgoing, Receipt, Refusal
from notify_service.domain.approved import Approved

Positions = Callable[[str], Sequence[str]]
"""The variables of a template's SMS, each once, as they first stand in its Chinese text. Raises KeyError."""

NOT_APPROVED = "template_not_approved"
"""Our own cause: the provider was not asked, since it could only have refused."""


class NotApproved(Exception):
    """No approved text for this template, or values that don't fit it; `receipt` is the refusal that follows."""

    receipt = Receipt(Fate.REFUSED, cause=NOT_APPROVED, refusal=Refusal.CONFIGURATION)


def filled(provider: str, outgoing: Outgoing, approved: Approved, positions: Positions) -> tuple[str, dict[str, str]]:
    """The approved id and the values of exactly the variables that the text has, in order. Raises: NotApproved.

    Providers refuse values beside those: a template's variables for WeChat's fields alone stay out.
    """
    try:
        template = approved(provider, outgoing.template, outgoing.language, large=outgoing.large_print)
        return template, {name: outgoing.values[name] for name in positions(outgoing.template)}
    except KeyError as missing:
        raise NotApproved(f"{provider}: {missing}") from missing
