"""What time does, looked at every `timer_poll_seconds` in the worker role; safe with several replicas."""

from adoption_service.domain.waiting import WaitingTerms
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.organisations import OrganisationStore
from adoption_service.use_cases.pass_time import pass_time
from adoption_service.use_cases.release_suspended import release_suspended
from microwish.when import Clock, When


class Timers:
    """Lapses and reminders, offers of freed slots, suspended organisations, and the move of ended adoptions into their
    history.
    """

    def __init__(
        self, claims: ClaimsStore, organisations: OrganisationStore, waiting: WaitingTerms, *, clock: Clock
    ) -> None:
        self._claims = claims
        self._organisations = organisations
        self._waiting = waiting
        self._clock = clock

    async def tick(self) -> None:
        """One round."""
        when = When.now(self._clock)
        await pass_time(self._claims, self._organisations, self._waiting, when=when)
        await release_suspended(self._organisations, self._claims, when=when)
        await self._claims.move_ended()
