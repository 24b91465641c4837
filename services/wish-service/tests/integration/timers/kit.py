"""A clock that tests move, a service by that clock, and short ways to what its timers cause."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from microwish.events import Envelope, Event
from microwish.events.adoption import WishAdopted
from microwish.ids import uuid7
from microwish.store.mongo import Document
from microwish.testing import eventually
from microwish.when import When, system_clock
from wish_service.settings import WishSettings
from wish_service.use_cases.take_claims_event import take_claims_event
from wish_service.wiring import WishService

DAY = timedelta(days=1)


@dataclass
class Hand:
    """A clock that runs, and that a test moves on."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return system_clock() + self.ahead

    @property
    def when(self) -> When:
        return When.now(self)


@dataclass
class Timed:
    """A service by a clock of its own; all tests share both, so time only goes forward."""

    world: Any
    clock: Hand
    settings: WishSettings
    resident: Any
    staff: Any

    @property
    def service(self) -> WishService:
        service: WishService = self.world.service
        return service

    async def tick(self) -> None:
        """One round of the worker."""
        await self.service.timers.tick()

    async def posted(self) -> str:
        wish_id: str = await self.world.posted(self.resident, self.staff)
        return wish_id

    async def tell(self, event: Event) -> None:
        """The next event of adoption-service about a wish, as the consumer hands it to its use case."""
        versions: dict[str, int] = self.world.versions
        versions[event.subject_id] = versions.get(event.subject_id, 0) + 1
        told = Envelope.of(event, id=uuid7(), version=versions[event.subject_id], time=self.clock())
        await take_claims_event(told, wishes=self.service.parts.wishes)

    async def delivered(self) -> WishAdopted:
        """A wish with a delivery that nobody has answered."""
        adopted: WishAdopted = self.world.adopted(await self.posted())
        await self.tell(adopted)
        await self.tell(self.world.reported(adopted))
        return adopted

    @contextlib.asynccontextmanager
    async def replica(self, **changes: Any) -> AsyncIterator[WishService]:
        """Another process of the same installation, as it is after a start."""
        service = WishService(self.settings.model_copy(update=changes), clock=self.clock)
        await service.start(consume=False)
        try:
            yield service
        finally:
            await service.stop()

    async def lines(self, wish_id: str, what: str) -> int:
        """How often this is in the wish's timeline."""
        wish = await self.service.parts.wishes.load(wish_id)
        return sum(line.what == what for line in wish.timeline)

    async def tasks(self, wish_id: str) -> list[Document]:
        """The documents of the wish's tasks, the oldest first."""
        rows: list[Document] = (
            await self.service.mongo.db.tasks.find({"wish_id": wish_id}).sort("opened_at", 1).to_list(None)
        )
        return rows

    async def kinds(self, wish_id: str) -> list[tuple[str, bool]]:
        """The kind of each task, and whether it is open."""
        return [(row["kind"], row["open"]) for row in await self.tasks(wish_id)]

    async def become(self, wish_id: str, kinds: list[tuple[str, bool]]) -> None:
        """Wait until the tasks are these."""

        async def there() -> bool:
            found = await self.kinds(wish_id)
            assert found == kinds, found
            return True

        await eventually(there)


@contextlib.asynccontextmanager
async def ticking(*services: WishService) -> AsyncIterator[None]:
    """The timers of these processes run, each by itself, as they do in the worker role."""
    for service in services:
        service.timers.rounds.start()
    try:
        yield
    finally:
        for service in services:
            await service.timers.rounds.stop()


def of_wish(name: str, wish_id: str) -> Callable[[Envelope], bool]:
    return lambda event: event.type == f"microwish.{name}.v1" and event.data.get("wish_id") == wish_id
