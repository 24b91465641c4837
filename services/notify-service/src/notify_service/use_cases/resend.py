"""Somebody asks for a message to be sent again: only where nobody could get it twice."""

from collections.abc import Callable
from datetime import timedelta

from microwish.events.base import Role
from microwish.store.mongo import Document
from microwish.when import Clock, When
from notify_service.channels.port import Fate
from notify_service.domain.errors import AlreadySent, MessageNotFound, NotResendable, StillUnknown
from notify_service.domain.message import STEPS, State, Step
from notify_service.store.messages import By, Messages, Moved
from notify_service.use_cases.reconcile import Reconcile


class Resend:
    """Audited: the message's timeline says who asked."""

    def __init__(
        self,
        messages: Messages,
        reconcile: Reconcile,
        wake: Callable[[str], None],
        clock: Clock,
        *,
        grace_seconds: float,
        wait_seconds: float,
    ) -> None:
        self._messages = messages
        self._reconcile = reconcile
        self._wake = wake
        self._clock = clock
        self._grace = timedelta(seconds=grace_seconds)
        self._wait = timedelta(seconds=wait_seconds)

    async def __call__(
        self, id: str, *, by: By, may_see: Callable[[Document], bool], round_: int | None = None
    ) -> Document:
        """Send a failed or undelivered message again, or an unknown one that the provider says it never accepted.

        round_: only if it is still in this round, so that asking twice asks once.
        Raises: MessageNotFound, NotResendable, AlreadySent, StillUnknown.
        """
        message = await self._messages.find(id)
        if message is None or not may_see(message):
            raise MessageNotFound(id)
        if message["lane"] == "signin" or round_ not in (None, message["round"]):
            raise NotResendable(id)
        if message["state"] == State.UNKNOWN:
            return await self._settled(message, by)
        if message["state"] not in STEPS[Step.RESEND].sources:
            raise NotResendable(id)
        now = self._clock()
        values = {
            "round": message["round"] + 1,
            "tries": 0,
            "barred": [],
            "not_before": now,
            "use_until": now + self._wait,
            "give_up_at": now + self._wait,
        }
        moved = Moved(Step.RESEND, values, remove=["cause", "out"], where={"round": message["round"]}, by=by)
        again = await self._messages.move(id, moved, when=When.now(self._clock))
        if again is None:
            raise NotResendable(id)
        self._wake(id)
        return again

    async def _settled(self, message: Document, by: By) -> Document:
        # Earlier a call that was under way might still reach the provider after it has said no.
        if self._clock() < message["out"]["deadline"] + self._grace:
            raise StillUnknown(message["_id"])
        receipt = await self._reconcile.settle(message, by=by)
        if receipt is None:
            raise StillUnknown(message["_id"])
        if receipt.fate is not Fate.NEVER_ACCEPTED:
            raise AlreadySent(message["_id"])
        settled = await self._messages.find(message["_id"])
        assert settled is not None
        return settled


def by_person(person_id: str, *, ops: bool) -> By:
    """Who asked, in which capacity."""
    return By(person_id, Role.OPS if ops else Role.STAFF)
