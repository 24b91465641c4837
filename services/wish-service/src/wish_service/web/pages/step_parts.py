"""What the desk shows of the steps that staff may take with a wish beside its review."""

from typing import Any

from wish_service.domain.states import Step
from wish_service.domain.wish import Wish, steps_from
from wish_service.views import read_wall
from wish_service.views.read_wall import WallQuery
from wish_service.web.parts import Parts

_LOOKED_THROUGH = 60
"""How many of the newest wishes of the street are looked through for organisations that have helped there."""


async def steps_at_desk(parts: Parts, chosen: Wish | None) -> dict[str, Any]:
    """The context of the desk's template: which steps the chosen wish takes, and whom it may be recommended to."""
    possible = steps_from(chosen.status) if chosen else frozenset[Step]()
    by_proxy = chosen is not None and chosen.resident_id is None
    return {
        "may": {
            "confirm": Step.CONFIRM in possible,
            "recommend": Step.RECOMMEND in possible,
            "revise": by_proxy and Step.REVISE in possible,
            "correct": by_proxy and Step.CORRECT_CONTACT in possible,
            "withdraw": by_proxy and Step.WITHDRAW in possible,
            "take_down": Step.TAKE_DOWN in possible,
            "close": Step.CLOSE in possible,
            "enough": chosen is not None and bool(chosen.confirmed),
        },
        "helpers": await _helpers_near(chosen, parts) if chosen and Step.RECOMMEND in possible else [],
    }


async def _helpers_near(wish: Wish, parts: Parts) -> list[tuple[str, str]]:
    """(id, name) of organisations that hold or fulfilled a wish of the same street, by name: no ranking."""
    query = WallQuery(community=wish.community.code[:9], limit=_LOOKED_THROUGH)
    rows, _ = await read_wall.list_wishes(parts.wall, query)
    found = {holder["organisation_id"]: holder["name"] for row in rows for holder in row.get("holders", [])}
    return sorted(((one, found[one]) for one in found.keys() - set(wish.recommended)), key=lambda one: one[1])
