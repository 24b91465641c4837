"""What is asked about similar wishes."""

from typing import Annotated

from pydantic import Field

from microwish.events import Category
from wish_service.web.schemas import Body, CommunityOfWish, Detail, Title


class SimilarTo(Body):
    """Words as far as they are written; nothing of them is kept. wish_id: the wish that is being changed, left out."""

    title: Title
    detail: Detail = ""
    category: Category | None = None
    community: CommunityOfWish
    wish_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
