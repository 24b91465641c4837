"""The stage of the state machine's test: the running service, who acts in it, how, and what must be so afterwards."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from microwish.events import Actor, Envelope, Role, Source
from microwish.events.adoption import (
    AdoptionEvent,
    AdoptionLapsed,
    AdoptionReleased,
    AdoptionRevoked,
    ProgressNoted,
    RevocationCause,
    WishAdopted,
)
from microwish.ids import uuid7
from wish_service.domain.states import Status, Step
from wish_service.domain.wish import TABLE
from wish_service.use_cases.take_claims_event import take_claims_event

from .wish_model import HOLDING, Fact, Line, Table, WishModel

T = TypeVar("T")


@dataclass
class Stage:
    """The running service and who acts in it; the same for all lives."""

    world: Any
    loop: asyncio.AbstractEventLoop
    resident: Any
    neighbour: Any
    staff: Any
    reached: set[Status] = field(default_factory=set)
    taken: set[tuple[Status, Step]] = field(default_factory=set)
    refused: set[tuple[Status, Step]] = field(default_factory=set)

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Hypothesis calls from a thread of its own; the service's clients belong to the loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)


def request_of(wish: WishModel, step: Step, given: dict[str, Any], *, by_staff: bool) -> tuple[str, str, Any]:
    reason = {"reason": "情况有变化。"}
    adoption = {"adoption_id": given.get("adoption")}
    note = {"note": "电话里说收到了。"} if by_staff else {}
    contact = {"contact": {"name": "王秀英", "phone": "13912345678", "address": "龙潭社区三弄 6 号"}}
    requests: dict[Step, tuple[str, str, Any]] = {
        Step.REVISE: (
            "PATCH",
            "",
            {"title": "想要一台收音机，按键大的", "slots": given.get("slots") or wish.slots},
        ),
        Step.CORRECT_CONTACT: ("PATCH", "", contact),
        Step.RETURN: ("POST", "/review", {"decision": "return", **reason}),
        Step.REJECT: ("POST", "/review", {"decision": "reject", **reason}),
        Step.APPROVE: ("POST", "/review", {"decision": "approve"}),
        Step.MERGE: ("POST", "/merge", {"into": given["into"].id if given.get("into") else wish.id}),
        Step.WITHDRAW: ("POST", "/withdrawal", reason),
        Step.TAKE_DOWN: ("POST", "/takedown", reason),
        Step.CLOSE: ("POST", "/closing", reason),
        Step.CONFIRM: ("POST", "/confirmation", {**adoption, **note}),
        Step.DISPUTE: ("POST", "/dispute", {**adoption, **reason}),
        Step.RECOMMEND: ("POST", "/recommendation", {"organisation_id": given.get("organisation")}),
    }
    return requests[step]


def event_of(step: Step, adopted: WishAdopted, world: Any) -> AdoptionEvent:
    same = {**world.same(adopted), "by": Actor(person_id=uuid7(), role=Role.MEMBER)}
    words = world.seals.for_wish(adopted.wish_id, "出差了")
    events: dict[Step, Callable[[], AdoptionEvent]] = {
        Step.REPORTED: lambda: world.reported(adopted),
        Step.RELEASED: lambda: AdoptionReleased(**same, reason=words),
        Step.LAPSED: lambda: AdoptionLapsed(**same),
        Step.REVOKED: lambda: AdoptionRevoked(**same, cause=RevocationCause.STAFF, reason=words),
        Step.NOTED: lambda: ProgressNoted(**same, note=words),
    }
    return events[step]()


BY_EITHER = (Step.CONFIRM, Step.DISPUTE)
BY_RESIDENT = (Step.REVISE, Step.CORRECT_CONTACT, Step.WITHDRAW)
REFUSED_WITH = {"wrong_state": 409, "cannot_merge": 409, "already_confirmed": 409, "not_delivered": 409}
BEFORE_THE_WALL = (Status.SUBMITTED, Status.RETURNED, Status.REJECTED)
FULL = (Status.ADOPTED, Status.DELIVERED, Status.FULFILLED)
LEADS_TO = {
    Status.RETURNED: Step.RETURN,
    Status.REJECTED: Step.REJECT,
    Status.MERGED: Step.MERGE,
    Status.WITHDRAWN: Step.WITHDRAW,
    Status.TAKEN_DOWN: Step.TAKE_DOWN,
    Status.CLOSED: Step.CLOSE,
}


class Acts:
    """What is done to wishes, each with what the model says of it; `touched` are those that were changed since."""

    stage: ClassVar[Stage]
    table: ClassVar[Table] = TABLE
    lenient_confirmation: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self.wishes: list[WishModel] = []
        self.timelines: dict[str, list[Any]] = {}
        self.adoptions: dict[str, WishAdopted] = {}
        self.touched: set[str] = set()

    def submit(self, slots: int) -> None:
        wish_id = self.stage.wait(self.stage.world.submitted(self.stage.resident, slots=slots))
        resident = self.stage.resident.id
        self.wishes.append(WishModel(wish_id, slots, self.table, resident, self.lenient_confirmation))
        self.touched.add(wish_id)

    def lead(self, wish: WishModel, start: Status, *, delivered: bool) -> None:
        """Bring a submitted wish to a state; delivered: with one that nobody answered, where there can be."""
        if start not in BEFORE_THE_WALL:
            self.ask(wish, Step.APPROVE, self.stage.staff)
        crossed = delivered and start is Status.FULFILLED and wish.slots > 2
        for _ in range((wish.slots if start in FULL and not crossed else wish.slots - 1) if wish.posted else 0):
            self.claims(wish, late=False)
        mine = list(wish.told)
        for adoption in mine if start in FULL[1:] else mine[:delivered] if wish.slots > 1 else ():
            self.reports(adoption, late=False)
        if start is Status.FULFILLED:
            for adoption in mine[:-1] if crossed else mine:
                self.ask(wish, Step.CONFIRM, self.stage.resident, adoption=adoption)
        step = Step.CLOSE if crossed else LEADS_TO.get(start)
        if step is not None:
            self.ask(wish, step, self.who(step), into=self.wishes[0])

    def ask(self, wish: WishModel, step: Step, someone: Any, **given: Any) -> None:
        code = wish.refusal(step, given.get("adoption"), given.get("into"))
        before = wish.status.value
        answer = self.send(wish, step, someone, **given)
        if code is not None:
            problem = answer.json()
            assert (answer.status_code, problem.get("code")) == (REFUSED_WITH.get(code, 404), code), f"{step} {before}"
            if code == "wrong_state":
                self.stage.refused.add((Status(before), step))
                assert (problem["wish_status"], problem["command"]) == (before, step.value)
                assert problem["detail"]
            return
        assert answer.status_code == 200, f"{step} from {before}: {answer.text}"
        self.stage.taken.add((Status(before), step))
        self.take_note(wish, step, someone, given)
        if step is not Step.SHOW_CONTACT:
            shown = answer.json()
            assert (shown["status"], shown["held"], shown["slots"]) == (wish.status.value, wish.held, wish.slots)

    def try_one(self, wish: WishModel, step: Step) -> None:
        """A command with whatever it needs: a delivery that waits for its answer, if there is one."""
        delivered = [one for one, state in wish.adoptions.items() if state == "delivered"]
        adoption = [*delivered, *wish.adoptions, uuid7()][0]
        someone = self.stage.resident if step in BY_EITHER else self.who(step)
        given = {"into": self.wishes[0], "organisation": uuid7(), "adoption": adoption, "slots": 3}
        needed = {Step.MERGE: "into", Step.RECOMMEND: "organisation", Step.REVISE: "slots"}
        needed |= dict.fromkeys(BY_EITHER, "adoption")
        self.ask(wish, step, someone, **({needed[step]: given[needed[step]]} if step in needed else {}))

    def claims(self, wish: WishModel, *, late: bool) -> None:
        adopted = self.stage.world.adopted(wish.id)
        self.adoptions[adopted.adoption_id] = adopted
        wish.told[adopted.adoption_id] = "active"
        self.say(wish, Step.ADOPTED, adopted, late=late)

    def reports(self, adoption: str, *, late: bool) -> None:
        wish = self.holding(adoption)
        wish.told[adoption] = "delivered"
        self.say(wish, Step.REPORTED, event_of(Step.REPORTED, self.adoptions[adoption], self.stage.world), late=late)

    def say(self, wish: WishModel, step: Step, event: AdoptionEvent, *, late: bool) -> None:
        version = len(wish.facts) + 1
        envelope = Envelope.of(event, id=uuid7(), version=version, time=datetime.now(UTC))
        why = getattr(event, "note", None) or getattr(event, "reason", None)
        by, what = event.by.person_id or "", type(event).__name__
        wish.facts.append(Fact(version, step, what, event.adoption_id, by, why is not None, envelope))

        if not late:
            self.catch_up(wish)

    def catch_up(self, wish: WishModel) -> None:
        for fact in wish.facts[wish.taken :]:
            self.arrives(wish, fact)

    def arrives(self, wish: WishModel, fact: Fact) -> None:
        wishes = self.stage.world.service.parts.wishes
        outcome = self.stage.wait(take_claims_event(fact.envelope, wishes=wishes))
        assert outcome.name.lower() == wish.accept(fact)
        self.touched.add(wish.id)

    async def compare(self, wish: WishModel) -> None:
        # The outbox before the journal: what has left the one by then is in the other.
        document = await self.stage.world.service.parts.wishes.aggregates.load(wish.id)
        events = await self._events(document)
        assert document["status"] == wish.status.value
        assert document["slots"] == wish.slots, "slots are set before the wish is posted and stay"
        states = {one["id"]: one["state"] for one in document["adoptions"]}
        assert states == wish.adoptions
        assert sum(state in HOLDING for state in states.values()) <= wish.slots
        confirmed = {adoption for adoption, state in states.items() if state == "confirmed"}
        assert confirmed == wish.confirmed, "nothing confirms itself"
        self._compare_timeline(wish, document["timeline"])
        assert sorted(events) == list(range(1, document["streamversion"] + 1)), "a gap in the stream"
        assert [events[version]["type"] for version in sorted(events)] == [f"microwish.{one}.v1" for one in wish.events]
        for event in events.values():
            if event["type"] == "microwish.WishFulfilled.v1":
                assert set(event["data"]["adoption_ids"]) <= confirmed, "only confirmed counts as done"

    def send(self, wish: WishModel, step: Step, someone: Any, *, twice: bool = False, **given: Any) -> Any:
        """The command as a request; sent twice under one key it is answered, and has its effect, as if sent once."""
        self.touched.add(wish.id)
        if step is Step.SHOW_CONTACT:
            return self.stage.wait(someone.get(f"/api/wishes/{wish.id}/contact"))
        method, path, body = request_of(wish, step, given, by_staff=someone is self.stage.staff)
        headers = {"Idempotency-Key": uuid7()} if twice else {}
        call = someone.http.request
        answer = self.stage.wait(call(method, f"/api/wishes/{wish.id}{path}", json=body, headers=headers))
        if twice:
            again = self.stage.wait(call(method, f"/api/wishes/{wish.id}{path}", json=body, headers=headers))
            assert again.status_code == answer.status_code, again.text
            if answer.status_code == 200:
                assert again.json() == answer.json()
        return answer

    def who(self, step: Step) -> Any:
        return self.stage.resident if step in BY_RESIDENT else self.stage.staff

    def holding(self, adoption: str) -> WishModel:
        return next(wish for wish in self.wishes if adoption in wish.told)

    def take_note(self, wish: WishModel, step: Step, someone: Any, given: dict[str, Any]) -> None:
        organisation = given.get("organisation")
        if organisation in wish.recommended:
            return
        if organisation:
            wish.recommended.add(organisation)
        wish.slots = given.get("slots") or wish.slots
        role = "staff" if someone is self.stage.staff else "resident"
        by_staff = role == "staff" and step is Step.CONFIRM
        wish.take(step, role, someone.id, adoption=given.get("adoption"), note=by_staff)

    def _compare_timeline(self, wish: WishModel, timeline: list[Any]) -> None:
        earlier = self.timelines.get(wish.id, [])
        assert timeline[: len(earlier)] == earlier, "the timeline only grows"
        self.timelines[wish.id] = timeline
        assert all(isinstance(line["at"], datetime) for line in timeline)
        told = [Line(line["what"], line["by"]["role"], line["by"].get("person_id"), "why" in line) for line in timeline]
        assert told == wish.lines

    async def _events(self, document: Any) -> dict[int, Any]:
        stream = {"source": Source.WISH.value, "subject": document["_id"]}
        waiting = [entry for entry in document["outbox"] if entry["source"] == stream["source"]]
        journal = await self.stage.world.service.mongo.db.get_collection("journal").find(stream).to_list(None)
        return {entry["version"]: entry for entry in [*waiting, *journal]}
