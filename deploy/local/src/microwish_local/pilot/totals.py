"""Does the stack count what the files say? Views are late by design, so it is asked until they agree."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from microwish_local.client import Client
from microwish_local.pilot.district import District

LATE_SECONDS = 60.0
"""How long the statistics may take to catch up with what was loaded."""


@dataclass(frozen=True)
class Totals:
    """Wishes claimed, and how many organisations of each kind claimed them."""

    claimed: int
    organisations: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of_answer(cls, answer: dict[str, Any]) -> Totals:
        """From the answer of `GET /api/stats`."""
        totals = answer["totals"]
        return cls(totals["claimed"], dict(totals["organisations"]))

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.organisations.items()))
        return f"{self.claimed} wishes claimed by {kinds or 'nobody'}"


class WrongTotals(Exception):
    """The statistics never agreed."""


def expected_totals(district: District) -> Totals:
    """What the statistics should say."""
    claimed = [wish for wish in district.wishes if district.adoptions.get(wish.ref)]
    claiming = {one.organisation for adoptions in district.adoptions.values() for one in adoptions}
    kinds = [district.organisations[ref].kind for ref in claiming]
    return Totals(len(claimed), {kind: kinds.count(kind) for kind in set(kinds)})


async def wait_for_totals(client: Client, expected: Totals, *, seconds: float = LATE_SECONDS) -> Totals:
    """Ask until the statistics agree, or hold more than the sample. Raises: WrongTotals, Refused, Silent.

    On a stack where others act as well there may be more; that is no fault.
    """
    deadline = time.monotonic() + seconds
    while True:
        counted = Totals.of_answer(await client.get("/api/stats"))
        if _holds(counted, expected):
            return counted
        if time.monotonic() > deadline:
            raise WrongTotals(f"{counted}, instead of {expected}")
        await asyncio.sleep(0.1)


def _holds(counted: Totals, expected: Totals) -> bool:
    enough = all(counted.organisations.get(kind, 0) >= count for kind, count in expected.organisations.items())
    return enough and counted.claimed >= expected.claimed
