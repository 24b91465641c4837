"""What requests about tasks and recommendations hold."""

from typing import Annotated

from pydantic import StringConstraints

from wish_service.web.schemas import Body, Reason

OrganisationId = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
    ),
]


class TaskDone(Body):
    """Staff have seen to it. note: what came of it, for their colleagues; it is kept sealed."""

    note: Reason | None = None


class Recommendation(Body):
    """The organisation that may want to take it up."""

    organisation_id: OrganisationId
