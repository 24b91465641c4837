"""What every command on a wish brings along."""

from dataclasses import dataclass

from microwish.identity.people import Person
from microwish.store.aggregate import Idempotency
from microwish.when import When
from wish_service.domain.wish import Wish
from wish_service.store.seals import Seals
from wish_service.store.wishes import Decide, Wishes


@dataclass(frozen=True)
class Asked:
    """Who asked for something and when, as a retry of what, and where wishes and their keys are kept.

    Every change that is asked for may raise NotFound, Hidden, NotAllowed, WrongState and KeyReused besides what its
    use case names.
    """

    person: Person
    wishes: Wishes
    seals: Seals
    when: When
    idempotency: Idempotency | None = None

    async def change(self, wish_id: str, decide: Decide) -> Wish:
        """Take a step of one wish."""
        return await self.wishes.change(wish_id, decide, when=self.when, idempotency=self.idempotency)

    def seal(self, wish_id: str, text: str | None) -> str | None:
        """What somebody wrote about a wish, sealed; nothing stays nothing."""
        return self.seals.for_wish(wish_id, text) if text else None
