"""Dead letters: try them again when what broke them is mended, or give them up with a reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from microwish.messaging.consumer import Consumer
from microwish.messaging.dead_letters import DeadLetters, Letter
from microwish.messaging.failures import describe
from microwish.privacy.sealing import CannotOpen, Sealer
from microwish.store.mongo import Document, is_outage
from microwish.telemetry import counter
from microwish.when import Clock
from notify_service.domain.errors import GroupGone, LetterNotFound, LetterSettled, StillFailing
from notify_service.store.messages import By

AT_MOST = 200
REPLAYED = "replayed"
DROPPED = "dropped"
_settled = counter("dead_letters_settled", "Dead letters by what was done with them", ("how",))


@dataclass(frozen=True)
class Replayed:
    """How many were processed, and how many failed again."""

    done: int
    failed: int


class SettleLetters:
    """Audited: the letter's timeline says who did what, when and why.

    Doing it twice changes nothing: what a letter brings is applied once, whoever applies it. consumers: by group.
    """

    def __init__(
        self, letters: DeadLetters, consumers: Callable[[], Mapping[str, Consumer]], sealer: Sealer, clock: Clock
    ) -> None:
        self._letters = letters
        self._consumers = consumers
        self._sealer = sealer
        self._clock = clock

    async def replay(self, id: str, *, by: By) -> Letter:
        """Process it again, and what waited for it.

        Raises: LetterNotFound, LetterSettled, GroupGone, StillFailing.
        """
        letter = await self._waiting(id)
        consumer = self._consumer(letter)
        try:
            await consumer.replay(letter.record)
        except Exception as error:
            if is_outage(error):
                raise
            entry = {**self._entry("failed_again", by), "error": describe(error)}
            await self._letters.failed_again(id, error, entry)
            raise StillFailing(id) from error
        return await self._settle(letter, REPLAYED, self._entry(REPLAYED, by))

    async def replay_all(self, *, by: By) -> Replayed:
        """Everything that waits, the oldest version of a stream first, at most 200."""
        ids = await self._letters.waiting(limit=AT_MOST)
        done = 0
        for letter in ids:
            try:
                await self.replay(letter, by=by)
                done += 1
            except (StillFailing, GroupGone, LetterSettled, LetterNotFound):
                continue
        return Replayed(done, len(ids) - done)

    async def drop(self, id: str, *, by: By, reason: str) -> Letter:
        """Give it up: its stream goes on as if it had said nothing. The reason rests sealed.

        Raises: LetterNotFound, LetterSettled, GroupGone, StillFailing.
        """
        letter = await self._waiting(id)
        if letter.event is not None:
            try:
                await self._consumer(letter).pass_over(letter.event)
            except Exception as error:
                if is_outage(error):
                    raise
                raise StillFailing(id) from error
        why = self._sealer.seal(reason, about=f"dead-letter:{id}")
        return await self._settle(letter, DROPPED, {**self._entry(DROPPED, by), "why": why})

    def reason_of(self, letter: Letter) -> str | None:
        """Why it was dropped, in clear, while the key that sealed it is known."""
        sealed = next((entry["why"] for entry in letter.timeline if entry["what"] == DROPPED), None)
        try:
            return self._sealer.open(sealed, about=f"dead-letter:{letter.id}") if sealed else None
        except CannotOpen:
            return None

    async def _waiting(self, id: str) -> Letter:
        letter = await self._letters.find(id)
        if letter is None:
            raise LetterNotFound(id)
        if letter.state != "waiting":
            raise LetterSettled(id)
        return letter

    def _consumer(self, letter: Letter) -> Consumer:
        consumer = self._consumers().get(letter.whence.group)
        if consumer is None:
            raise GroupGone(letter.whence.group)
        return consumer

    async def _settle(self, letter: Letter, state: str, entry: Document) -> Letter:
        if await self._letters.settle(letter.id, state, entry):
            _settled.labels(state).inc()
        settled = await self._letters.find(letter.id)
        assert settled is not None
        return settled

    def _entry(self, what: str, by: By) -> Document:
        return {"at": self._clock(), "by": {"person_id": by.person_id, "role": by.role.value}, "what": what}
