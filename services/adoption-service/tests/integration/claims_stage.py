"""The stage of the machine's test: the stores, some organisations, and what can be done, each by its use case."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from adoption_service.domain import errors
from adoption_service.domain.lease import Lease
from adoption_service.domain.waiting import WaitingTerms
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.claims_documents import STUB
from adoption_service.store.organisations import OrganisationStore
from adoption_service.use_cases import tend_adoption, wait_for_wish
from adoption_service.use_cases.claim_wish import ClaimTerms, ClaimWish, claim_wish
from adoption_service.use_cases.pass_time import pass_time
from adoption_service.use_cases.take_wish_event import take_wish_event
from microwish.events import Actor, Envelope, Role
from microwish.events.wish import DeliveryConfirmed, DeliveryDisputed, WishEvent, WishWithdrawn
from microwish.identity.people import Person
from microwish.ids import uuid7
from microwish.messaging.streams import Outcome
from microwish.privacy.sealing import Sealer
from microwish.store.refusals import Refusal
from microwish.when import When

T = TypeVar("T")
LEASE = Lease(timedelta(days=15), timedelta(days=3), timedelta(days=7), timedelta(days=3))
OFFER = timedelta(days=2)
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
BY = Actor(person_id="resident-1", role=Role.RESIDENT)


@dataclass
class Stage:
    """The stores and who acts; the same for all lives."""

    claims: ClaimsStore
    organisations: OrganisationStore
    sealer: Sealer
    loop: asyncio.AbstractEventLoop
    members: dict[str, Person]
    """Who acts for each organisation."""
    done: set[str] = field(default_factory=set)
    """What succeeded at least once."""

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Hypothesis calls from a thread of its own; the clients belong to the loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)


class Wish:
    """One wish in its life; every method is one command at `now`, refused or done."""

    def __init__(self, stage: Stage, slots: int) -> None:
        self._stage, self.slots = stage, slots
        self.id, self.now, self._version = uuid7(), START, 2
        opened = {**STUB, "state": "open", "slots": slots, "community": "310117001002", "taken": {"wish": 2}}
        row = {"_id": self.id, **opened, "revision": 3, "streamversion": 0, "outbox": []}
        stage.wait(_insert(stage.claims, row))
        self.document: dict[str, Any] = row
        self.made: set[str] = set()
        self._late: list[Envelope] = []

    async def do(self, what: str, about: str) -> None:
        """Do it to this organisation or adoption, as far as it may be done."""
        try:
            await getattr(self, what)(about)
        except (errors.DomainError, Refusal):
            return
        self._stage.done.add(what)

    async def look(self) -> None:
        """See how it stands now; events of the wish that came before their predecessor come again."""
        late, self._late = sorted(self._late, key=lambda one: one.version), []
        for event in late:
            await self._arrives(event)
        found = await self._stage.claims.aggregates.load(self.id)
        kept = {one["id"] for one in (*found["adoptions"], *found["ended"])}
        assert self.made == kept, "who was told that it holds the wish, and who does, differ"
        self.document = found

    async def claim(self, organisation_id: str) -> None:
        """One slot for the organisation."""
        stage, person = self._stage, self._stage.members[organisation_id]
        terms = ClaimTerms(LEASE, 100, lambda: "4827")
        made = await claim_wish(
            ClaimWish(person.id, self.id, organisation_id),
            stage.organisations,
            stage.claims,
            stage.sealer,
            terms,
            id=uuid7(),
            when=self._when,
        )
        self.made.add(made.id)

    async def join(self, organisation_id: str) -> None:
        """It waits."""
        stage = self._stage
        await wait_for_wish.join_queue(
            self._waiting(organisation_id), stage.organisations, stage.claims, overdue_allowed=100
        )

    async def leave(self, organisation_id: str) -> None:
        """It waits no longer, or gives its offer back."""
        await wait_for_wish.leave_queue(self._waiting(organisation_id), self._stage.organisations, self._stage.claims)

    async def release(self, adoption_id: str) -> None:
        """Let it go."""
        await tend_adoption.release_adoption(self._about(adoption_id), "忙不过来", self._tending)

    async def extend(self, adoption_id: str) -> None:
        """The one extension."""
        await tend_adoption.extend_adoption(self._about(adoption_id), "还差一件", self._tending)

    async def deliver(self, adoption_id: str) -> None:
        """It was brought."""
        await tend_adoption.report_delivery(self._about(adoption_id), None, self._tending)

    async def confirm(self, adoption_id: str) -> None:
        """The resident says that it came."""
        await self._says(DeliveryConfirmed, **self._of(adoption_id))

    async def dispute(self, adoption_id: str) -> None:
        """The resident says that it did not."""
        sealed = self._stage.sealer.seal("没收到", about=f"wish:{self.id}")
        await self._says(DeliveryDisputed, **self._of(adoption_id), reason=sealed)

    async def withdraw(self, _: str) -> None:
        """The resident wants it no more."""
        await self._says(WishWithdrawn, reason=self._stage.sealer.seal("不用了", about=f"wish:{self.id}"))

    async def time_passes(self, _: str) -> None:
        """A worker looks at what is due."""
        stage = self._stage
        await pass_time(stage.claims, stage.organisations, WaitingTerms(OFFER, 100), when=self._when)

    @property
    def adoptions(self) -> list[str]:
        """Those that hold a slot or ended, the oldest first."""
        return sorted(one["id"] for one in (*self.document["adoptions"], *self.document["ended"]))

    @property
    def _when(self) -> When:
        return When(self.now, self.now)

    @property
    def _tending(self) -> tend_adoption.Tending:
        return tend_adoption.Tending(self._stage.claims, self._stage.organisations, self._stage.sealer, LEASE)

    def _waiting(self, organisation_id: str) -> wait_for_wish.WaitRequest:
        return wait_for_wish.WaitRequest(self.id, organisation_id, self._stage.members[organisation_id], self._when)

    def _about(self, adoption_id: str) -> tend_adoption.AdoptionRequest:
        person = self._stage.members[self._of(adoption_id)["organisation_id"]]
        return tend_adoption.AdoptionRequest(adoption_id, person, self._when)

    def _of(self, adoption_id: str) -> dict[str, str]:
        every = (*self.document["adoptions"], *self.document["ended"])
        found = next(one for one in every if one["id"] == adoption_id)
        return {"adoption_id": adoption_id, "organisation_id": found["organisation"]["id"]}

    async def _says(self, kind: type[WishEvent], **given: Any) -> None:
        self._version += 1
        version = self._version
        base = {"wish_id": self.id, "resident_id": "resident-1", "community": "310117001002", "by": BY}
        event = kind.model_validate({**base, **given})
        await self._arrives(Envelope.of(event, id=uuid7(), version=version, time=self.now))

    async def _arrives(self, event: Envelope) -> None:
        if await take_wish_event(event, self._stage.claims, LEASE, clock=lambda: self.now) is Outcome.GAP:
            self._late.append(event)


async def _insert(claims: ClaimsStore, row: dict[str, Any]) -> None:
    await claims.collection.insert_one(row)
