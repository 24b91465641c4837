"""One wish, step by step, with the timers and tasks that follow from each step."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from microwish.events import Actor, Event, Role
from microwish.events.adoption import DeliveryReported, OrganisationKind, OrganisationRef, WishAdopted
from microwish.when import When
from wish_service.domain import review
from wish_service.domain.follow_up import followed_up, pass_time, settled
from wish_service.domain.reactions import react
from wish_service.domain.timers import Terms, TimerKind
from wish_service.domain.wish import Decision, Wish

RESIDENT = Actor(person_id="p1", role=Role.RESIDENT)
STAFF = Actor(person_id="s1", role=Role.STAFF)
SEALED = "v1.k1.AAAA"
SHANGHAI = ZoneInfo("Asia/Shanghai")
TERMS = Terms(timedelta(days=7), timedelta(days=14), timedelta(days=7), 2, SHANGHAI)
DAY = timedelta(days=1)
FRIDAY = datetime(2026, 6, 12, 2, 0, tzinfo=UTC)


class Life:
    """One wish, step by step, as the store would keep it."""

    def __init__(self, wish: Wish, now: datetime = FRIDAY) -> None:
        self.wish = wish
        self.now = now
        self.told: list[Event] = []

    @property
    def when(self) -> When:
        return When(self.now, self.now)

    def take(self, decision: Decision | None, *, when: When | None = None, before: Wish | None = None) -> None:
        assert decision is not None
        kept = followed_up(before or self.wish, decision, when or self.when, TERMS)
        self.wish, self.told = kept.wish, [*self.told, *kept.events]

    def begin(self, when: When | None = None) -> None:
        decision = review.submitted(self.wish, RESIDENT, when or self.when)
        kept = followed_up(None, decision, when or self.when, TERMS)
        self.wish = kept.wish

    def post(self) -> None:
        self.begin()
        self.take(review.approve(self.wish, "标题", "说明", STAFF, self.when))

    def tell(self, event: Event) -> None:
        self.take(react(self.wish, event, self.when))

    def adopt(self, id: str = "a1") -> None:
        self.tell(adopted(id, self.now))

    def report(self, id: str = "a1") -> None:
        self.tell(DeliveryReported(**same(id), delivered_at=self.now))

    def pass_time(self, gone: timedelta) -> Decision | None:
        self.now += gone
        decision = pass_time(self.wish, self.when)
        if decision is not None:
            self.take(decision)
        return decision

    def settle(self) -> None:
        reached = [(task.id, task.state) for task in self.wish.tasks]
        self.take(settled(self.wish, reached, place=self.wish.community.code))

    @property
    def timers(self) -> list[tuple[TimerKind, datetime]]:
        return [(timer.kind, timer.at) for timer in self.wish.timers]

    @property
    def tasks(self) -> list[tuple[str, str]]:
        return [(task.about or task.kind.value, task.state.value) for task in self.wish.tasks]


def same(id: str) -> dict[str, Any]:
    return {"wish_id": "w1", "adoption_id": id, "organisation_id": f"o-{id}", "by": STAFF}


def adopted(id: str, now: datetime) -> WishAdopted:
    return WishAdopted(
        **same(id),
        organisation=OrganisationRef(id=f"o-{id}", name="党支部", kind=OrganisationKind.PARTY_ORGANISATION),
        handler_name=SEALED,
        office_phone=SEALED,
        door_code=SEALED,
        claimed_at=now,
        due_at=now + 15 * DAY,
    )
