"""adoption-service without turns at a wish, so that all rests on the write; `unguarded` leaves out its condition too.

That is the mistake the storm exists for: it reads, decides, then writes whatever has happened since.
"""

import sys
from typing import Any

from adoption_service import wiring
from adoption_service.__main__ import main
from adoption_service.domain.claims import ClaimsState
from adoption_service.store.claims import ClaimsStore
from microwish.store.aggregate import Aggregates, Change
from microwish.store.grouped import Landed
from microwish.when import When


class _Trusting(Aggregates):
    """Believes that nothing changes between its look and its write."""

    async def write_together(
        self, id: str, where: Any, change: Change, *, when: When, expressions: Any = None
    ) -> Landed:
        found = await self.load(id)
        free = found["state"] == ClaimsState.OPEN.value and len(found["adoptions"]) < found["slots"]
        if free:
            await self.write(id, {}, change, when=when, expressions=expressions)
        return Landed.YES if free else Landed.NO


class _Unguarded(ClaimsStore):
    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.aggregates = _Trusting(self.collection, relay=named.get("relay"))


if __name__ == "__main__":
    wiring.CLAIMS_AT_ONCE = 10_000
    if "unguarded" in sys.argv:
        wiring.ClaimsStore = _Unguarded  # type: ignore[misc]
    sys.argv[1:] = ["api"]
    main()
