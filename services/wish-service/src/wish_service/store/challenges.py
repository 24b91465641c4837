"""Sign-in codes on their way: kept for minutes, without the code."""

from datetime import timedelta

from microwish.events.signin import SignInCodeIssued
from microwish.store.aggregate import Aggregates, Change
from microwish.store.mongo import ASCENDING, Document, IndexModel
from microwish.store.refusals import NotFound
from microwish.when import When
from wish_service.domain.errors import CodeExpired, CodeWrong
from wish_service.domain.signin import Challenge, answer
from wish_service.store.seals import Seals

KEPT_AFTER_EXPIRY = timedelta(minutes=10)


class Challenges:
    """The collection of challenges; MongoDB removes them by itself."""

    def __init__(self, aggregates: Aggregates, seals: Seals) -> None:
        self.aggregates = aggregates
        self._seals = seals

    async def ensure_indexes(self) -> None:
        """A TTL index: nothing of a sign-in outlives it by more than some minutes."""
        seconds = int(KEPT_AFTER_EXPIRY.total_seconds())
        await self.aggregates.ensure_indexes(
            IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=seconds)
        )

    async def issue(self, id: str, phone: str, code: str, *, lifetime: timedelta, when: When) -> None:
        """Keep the hash and announce the sealed code (SignInCodeIssued)."""
        expires_at = when.recorded_at + lifetime
        state = {
            "phone": self._seals.for_challenge(id, phone),
            "phone_index": self._seals.index(phone),
            "code_hash": self._seals.code_hash(id, code),
            "expires_at": expires_at,
            "tries": 0,
            "used": False,
        }
        event = SignInCodeIssued(
            challenge_id=id, phone=state["phone"], code=self._seals.for_challenge(id, code), expires_at=expires_at
        )
        await self.aggregates.create(id, state, [event], when=when)

    async def forget(self, phone: str) -> None:
        """Remove every code of this phone at once instead of in some minutes."""
        await self.aggregates.collection.delete_many({"phone_index": self._seals.index(phone)})

    async def redeem(self, id: str, code: str, *, when: When) -> str:
        """The phone that the code proves. Every try is counted in the write that judges it.

        Raises: CodeWrong, CodeExpired.
        """
        code_hash = self._seals.code_hash(id, code)
        wrong: CodeWrong | None = None

        def decide(document: Document) -> Change:
            nonlocal wrong
            after, wrong = answer(_challenge(document), code_hash, when.recorded_at)
            return Change(set={"tries": after.tries, "used": after.used})

        try:
            document = await self.aggregates.change(id, decide, when=when)
        except NotFound:
            raise CodeExpired(id) from None
        if wrong is not None:
            raise wrong
        return self._seals.of_challenge(id, document["phone"])


def _challenge(document: Document) -> Challenge:
    names = ("phone_index", "code_hash", "expires_at", "tries", "used")
    return Challenge(id=document["_id"], **{name: document[name] for name in names})
