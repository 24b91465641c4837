"""What requests about the tree of communities hold."""

from typing import Annotated

from pydantic import BeforeValidator, StringConstraints

from microwish.web.cleaning import cleaned, one_line
from wish_service.domain.divisions import NAME_LENGTH
from wish_service.web.schemas import Body, CommunityOfWish

DivisionName = Annotated[
    str,
    BeforeValidator(cleaned(one_line)),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_LENGTH),
]


class CommunityMove(Body):
    """Where a community goes: its code from now on, its name there, and whether into one that exists."""

    to: CommunityOfWish
    name: DivisionName | None = None
    merge: bool = False
