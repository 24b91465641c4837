"""Which wishes fit an organisation: in what it follows or its own area, of the categories that it follows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adoption_service.views.read_board import BoardQuery
from microwish.events import Category


@dataclass(frozen=True)
class Followed:
    """areas: division-code prefixes, of which one has to fit. categories: empty are all."""

    areas: Sequence[str]
    categories: Sequence[Category]

    def narrowing(self, query: BoardQuery) -> BoardQuery | None:
        """The query for those alone that fit as well; None if no category can."""
        wanted = [one for one in self.categories or Category if not query.categories or one in query.categories]
        if not wanted or not self.areas:
            return None
        narrowed = () if len(wanted) == len(Category) else wanted
        return replace(query, areas=[*query.areas, self.areas], categories=narrowed)


def followed(communities: Sequence[str], categories: Sequence[str], scope: str) -> Followed:
    """What fits an organisation that follows these, in an area of its own."""
    areas = dict.fromkeys(one for one in [*communities, scope] if one)
    return Followed(list(areas), [Category(one) for one in categories])
