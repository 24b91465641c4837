"""What becomes of a wish, said once more and independently: the model that the state machine's test compares with.

Where a step leads is read from the table of `domain/wish.py` (or from a wrong one, as a negative control); everything
else, such as which lines and events tell of a step, is written out here by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from microwish.events import Envelope
from wish_service.domain.states import Follow, Status, Step, Target

Table = Mapping[Status, Mapping[Step, Target]]

ON_THE_WALL = (Status.POSTED, Status.ADOPTED, Status.DELIVERED)
HOLDING = ("active", "delivered", "confirmed")
TOLD_BY: dict[Step, str] = {
    Step.REVISE: "WishRevised",
    Step.CORRECT_CONTACT: "ContactCorrected",
    Step.RETURN: "WishReturned",
    Step.REJECT: "WishRejected",
    Step.APPROVE: "WishPosted",
    Step.MERGE: "WishMerged",
    Step.WITHDRAW: "WishWithdrawn",
    Step.TAKE_DOWN: "WishTakenDown",
    Step.CLOSE: "WishClosed",
    Step.CONFIRM: "DeliveryConfirmed",
    Step.DISPUTE: "DeliveryDisputed",
    Step.SHOW_CONTACT: "ContactShown",
    Step.RECOMMEND: "WishRecommended",
}
SILENT = ("ContactCorrected", "ContactShown")
"""Lines of the timeline that no event of the wish's stream tells of."""
GIVEN_WITH_A_REASON = (Step.RETURN, Step.REJECT, Step.WITHDRAW, Step.TAKE_DOWN, Step.CLOSE, Step.DISPUTE)


@dataclass(frozen=True)
class Line:
    """One line of the timeline as it has to be: what, who, and whether it has words of theirs."""

    what: str
    role: str
    person: str | None
    why: bool = False


@dataclass
class Fact:
    """What adoption-service said: an event of the wish's claims stream, not yet delivered or delivered before."""

    version: int
    step: Step
    what: str
    adoption: str
    by: str
    why: bool
    envelope: Envelope


@dataclass
class WishModel:
    """One wish as it should be, and adoption-service's own idea of who holds it.

    lenient_confirmation: the second negative control: a delivery counts as done without anybody's word.
    """

    id: str
    slots: int
    table: Table
    resident: str
    lenient_confirmation: bool = False
    status: Status = Status.SUBMITTED
    posted: bool = False
    adoptions: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    taken: int = 0
    recommended: set[str] = field(default_factory=set)
    reminders: list[str] = field(default_factory=list)
    title: int = 0

    def __post_init__(self) -> None:
        self._tell("WishSubmitted", "resident", self.resident)

    @property
    def held(self) -> int:
        return sum(state in HOLDING for state in self.adoptions.values())

    @property
    def confirmed(self) -> set[str]:
        return {adoption for adoption, state in self.adoptions.items() if state == "confirmed"}

    @property
    def free_as_told(self) -> int:
        """How many slots adoption-service has left to give."""
        return self.slots - sum(state in HOLDING for state in self.told.values())

    def refusal(self, step: Step, adoption: str | None = None, into: "WishModel | None" = None) -> str | None:
        """The code with which the step is refused from here; None if it is taken."""
        if step is Step.MERGE and (into is None or into is self or into.status not in ON_THE_WALL):
            return "cannot_merge"
        if step not in self.table[self.status]:
            return "wrong_state"
        if step in (Step.CONFIRM, Step.DISPUTE):
            state = self.adoptions.get(adoption or "")
            if state is None:
                return "adoption_not_found"
            if state == "confirmed":
                return "already_confirmed"
            if state != "delivered":
                return "not_delivered"
        return None

    def take(self, step: Step, role: str, person: str, *, adoption: str | None = None, note: bool = False) -> None:
        """A step that nothing refuses."""
        before, towards = self.status, self.table[self.status][step]
        what = TOLD_BY[step]
        if step is Step.CONFIRM and adoption:
            self.adoptions[adoption] = "confirmed"
            self.told[adoption] = "confirmed"
            self._answered(adoption)
        if step is Step.DISPUTE and adoption:
            self.adoptions[adoption] = self.told[adoption] = "active"
            self._answered(adoption)
        self._go(towards)
        if step is Step.APPROVE:
            self.posted = True
        if step is Step.CLOSE and self.confirmed:
            what, self.status = "WishFulfilled", Status.FULFILLED
        self._tell(what, role, person, why=step in GIVEN_WITH_A_REASON or note)
        if step is Step.CONFIRM and self.status is Status.FULFILLED and before is not Status.FULFILLED:
            self._tell("WishFulfilled", role, person)

    def accept(self, fact: Fact) -> str:
        """An event of adoption-service arrives: `applied`, `old`, or `gap` if its predecessor hasn't come."""
        if fact.version != self.taken + 1:
            return "old" if fact.version <= self.taken else "gap"
        self.taken += 1
        state = self.adoptions.get(fact.adoption)
        step = fact.step
        if step is Step.REPORTED and state != "active":
            step = Step.NOTED
        after = {
            Step.ADOPTED: "active",
            Step.REPORTED: "delivered",
            Step.RELEASED: "released",
            Step.LAPSED: "lapsed",
            Step.REVOKED: "revoked",
        }.get(step)
        if after and state != "confirmed":
            self.adoptions[fact.adoption] = after
            self._answered(fact.adoption)
            if after == "delivered":
                self.reminders.append(fact.adoption)
        if self.status in ON_THE_WALL:
            self._go(Follow.DERIVED)
        self.lines.append(Line(fact.what, "member", fact.by, fact.why))
        return "applied"

    def time_passes(self) -> None:
        """Weeks go by: residents are reminded, once for each delivery, and nothing else happens by itself."""
        for _ in self.reminders:
            self._tell("ConfirmationReminderDue", "system", None)
        self.reminders.clear()

    def _answered(self, adoption: str) -> None:
        if adoption in self.reminders:
            self.reminders.remove(adoption)

    def _tell(self, what: str, role: str, person: str | None, *, why: bool = False) -> None:
        self.lines.append(Line(what, role, person, why))
        if what not in SILENT:
            self.events.append(what)

    def _go(self, towards: Target) -> None:
        if towards is Follow.DERIVED:
            self.status = self._on_the_road()
        elif isinstance(towards, Status):
            self.status = towards

    def _on_the_road(self) -> Status:
        states = [state for state in self.adoptions.values() if state in HOLDING]
        done = ("confirmed", "delivered") if self.lenient_confirmation else ("confirmed",)
        if sum(state in done for state in states) >= self.slots:
            return Status.FULFILLED
        if len(states) < self.slots:
            return Status.POSTED
        return Status.ADOPTED if "active" in states else Status.DELIVERED
