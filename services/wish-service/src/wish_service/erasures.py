"""Forgetting people, for routes and for every process: what is asked for is decided at once and followed in rounds."""

from microwish.identity.people import Person
from microwish.logs import get_logger
from microwish.rounds import Rounds
from microwish.when import Clock, When
from wish_service.store.challenges import Challenges
from wish_service.store.limits import HourlyLimits
from wish_service.use_cases.erase_person import erase_person
from wish_service.use_cases.follow_erasures import Kept, follow_erasures

log = get_logger(__name__)


class Erasures:
    """Rounds until stopped; any number of processes. poll_seconds: how often to look for what another process left."""

    def __init__(
        self, kept: Kept, challenges: Challenges, limits: HourlyLimits, *, clock: Clock, poll_seconds: float
    ) -> None:
        self._kept = kept
        self._challenges = challenges
        self._limits = limits
        self._clock = clock
        self.rounds = Rounds("erasures", self.tick, seconds=poll_seconds)

    async def erase(self, person: Person) -> None:
        """Forget the person. Raises: Contended, OutboxFull."""
        await erase_person(
            person,
            people=self._kept.people,
            wishes=self._kept.wishes,
            imports=self._kept.imports,
            challenges=self._challenges,
            limits=self._limits,
            seals=self._kept.seals,
            when=When.now(self._clock),
        )
        self.rounds.wake()

    async def tick(self) -> None:
        """One round of what may be left."""
        if done := await follow_erasures(self._kept, when=When.now(self._clock)):
            log.info("erasures_followed", wishes=done)
