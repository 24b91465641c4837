"""What time does, looked at every `timer_poll_seconds` in the worker role; safe with several replicas."""

import asyncio

from adoption_service.store.claims import ClaimsStore
from adoption_service.store.organisations import OrganisationStore
from adoption_service.use_cases.pass_time import pass_time
from adoption_service.use_cases.release_suspended import release_suspended
from microwish.logs import get_logger
from microwish.when import Clock, When

log = get_logger(__name__)


class Timers:
    """Lapses and reminders, suspended organisations, and the move of ended adoptions into their history."""

    def __init__(
        self, claims: ClaimsStore, organisations: OrganisationStore, *, clock: Clock, poll_seconds: float
    ) -> None:
        self._claims = claims
        self._organisations = organisations
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Until cancelled. What fails in one round is tried again in the next: everything due is still due."""
        while True:
            try:
                await self.tick()
            except Exception as error:  # noqa: BLE001 - whatever went wrong, the leases of others must still end
                log.warning("timers_failed", error=type(error).__name__)
            await asyncio.sleep(self._poll_seconds)

    async def tick(self) -> None:
        """One round."""
        when = When.now(self._clock)
        await pass_time(self._claims, when=when)
        await release_suspended(self._organisations, self._claims, when=when)
        await self._claims.move_ended()
