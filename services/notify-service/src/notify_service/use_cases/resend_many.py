"""Several messages again: each only where nobody could get it twice, all of them once however often it is asked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from microwish.ids import derived_id
from microwish.store.mongo import Document
from microwish.when import Clock
from notify_service.domain.errors import NotifyError
from notify_service.domain.message import STEPS, State, Step
from notify_service.store.messages import By
from notify_service.store.resends import RESENT, Resends
from notify_service.use_cases.resend import Resend
from notify_service.views.message_list import EVERYTHING, MessageList, Scope, Wanted

AT_MOST = 500
RESENDABLE = (*sorted(STEPS[Step.RESEND].sources), State.UNKNOWN)
"""Of unknown ones only those that the provider says it never accepted leave again."""


@dataclass(frozen=True)
class Asked:
    """Which: these, or what is found."""

    ids: Sequence[str] = ()
    wanted: Wanted = EVERYTHING

    def narrowed(self) -> Wanted:
        """What may be looked for: nothing but what could be sent again."""
        states = [state for state in self.wanted.states or RESENDABLE if state in RESENDABLE]
        return replace(self.wanted, states=states)


@dataclass(frozen=True)
class Result:
    """resent: how many are queued again, or settled; refused: the others, by why."""

    asked: int
    resent: int
    refused: Mapping[str, int]


class ResendMany:
    """Audited: the request is kept with who asked, and every message's timeline says so."""

    def __init__(self, resend: Resend, resends: Resends, messages: MessageList, clock: Clock) -> None:
        self._resend = resend
        self._resends = resends
        self._messages = messages
        self._clock = clock

    async def count(self, asked: Asked, scope: Scope) -> int:
        """How many it would be, at most 500; nothing changes."""
        if asked.ids:
            return len(await self._these(asked.ids, scope))
        wanted = asked.narrowed()
        return await self._messages.count(scope, wanted, at_most=AT_MOST) if wanted.states else 0

    async def __call__(self, asked: Asked, scope: Scope, *, by: By, key: str, fingerprint: str) -> Result:
        """Send them again, the newest first, at most 500. The same key asks for the same messages, once.

        Raises: KeyReused.
        """
        request_id = derived_id("resend", by.person_id or "", key)
        request = await self._resends.find(request_id, fingerprint)
        if request is None:
            chosen = await self._chosen(asked, scope)
            request = await self._resends.open(request_id, fingerprint, chosen, by=by, now=self._clock())
        outcomes: dict[str, str] = dict(request["outcomes"])
        for message, round_ in request["messages"]:
            if message not in outcomes:
                outcomes[message] = await self._one(message, round_, scope, by)
                await self._resends.done(request_id, message, outcomes[message])
        counts = Counter(outcomes.values())
        return Result(len(request["messages"]), counts.pop(RESENT, 0), dict(counts))

    async def _one(self, id: str, round_: int, scope: Scope, by: By) -> str:
        try:
            await self._resend(id, by=by, may_see=lambda row: scope.covers(row["community"]), round_=round_)
        except NotifyError as refusal:
            return await self._earlier(id, round_, scope) or refusal.code
        return RESENT

    async def _earlier(self, id: str, round_: int, scope: Scope) -> str | None:
        """A process that was killed may have sent it again without writing that down here."""
        row = await self._messages.find(scope, id)
        return RESENT if row is not None and row["round"] > round_ else None

    async def _chosen(self, asked: Asked, scope: Scope) -> list[tuple[str, int]]:
        if asked.ids:
            rows = await self._these(asked.ids, scope)
        else:
            wanted = asked.narrowed()
            rows = await self._messages.page(scope, wanted, limit=AT_MOST) if wanted.states else []
        return [(row["_id"], row["round"]) for row in rows if row["lane"] != "signin"]

    async def _these(self, ids: Sequence[str], scope: Scope) -> list[Document]:
        found = [await self._messages.find(scope, message) for message in dict.fromkeys(ids)]
        return [row for row in found if row is not None and row["state"] in RESENDABLE]
