"""The life of wishes as a state machine of Hypothesis; `test_state_machine.py` runs it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from microwish.ids import uuid7
from microwish.when import When
from wish_service.domain import follow_up
from wish_service.domain.states import PUBLIC, Status, Step

from .life_stage import BY_EITHER, Acts, event_of
from .wish_model import ON_THE_WALL, WishModel

T = TypeVar("T")
ON_THE_WAY = (
    Step.APPROVE,
    Step.APPROVE,
    Step.APPROVE,
    Step.RETURN,
    Step.REVISE,
    Step.CORRECT_CONTACT,
    Step.SHOW_CONTACT,
    Step.RECOMMEND,
)
OFF_THE_ROAD = (Step.REJECT, Step.REJECT, Step.MERGE, Step.MERGE, Step.TAKE_DOWN, Step.CLOSE, Step.WITHDRAW)
COMMANDS = frozenset({*ON_THE_WAY, *OFF_THE_ROAD, *BY_EITHER})
"""Every command on a wish but those about photos and telephone calls, which have tests of their own."""
OTHERS = (Step.MERGE, Step.TAKE_DOWN, Step.WITHDRAW, Step.REVISE)
ENDS = (Step.RELEASED, Step.LAPSED, Step.REVOKED)
ORGANISATIONS = [uuid7() for _ in range(3)]
SLOTS = st.sampled_from((1, 1, 2, 3))
TWICE = st.sampled_from((False, False, True))
OFTEN = {
    "command": 8,
    "leave": 6,
    "answer": 6,
    "claim": 3,
    "holder_acts": 4,
    "the_late_ones_arrive": 5,
    "weeks_go_by": 1,
}
"""Weights, so that lives come to every end."""


def one_of(data: st.DataObject, some: Sequence[T]) -> T:
    """One of them, by its position: ids differ from run to run, positions do not."""
    return some[data.draw(st.integers(0, len(some) - 1))]


class Lives(Acts, RuleBasedStateMachine):
    """Some wishes, and everything that can happen to them."""

    @initialize(slots=SLOTS, start=st.sampled_from(Status), delivered=st.booleans())
    def first_wishes(self, slots: int, start: Status, delivered: bool) -> None:
        """Two wishes: one on the wall, and one that has come to any state, perhaps with a delivery nobody answered."""
        for count in (1, slots):
            self.submit(count)
        self.ask(self.wishes[0], Step.APPROVE, self.stage.staff)
        self.lead(self.wishes[1], start, delivered=delivered)

    @rule(data=st.data())
    def something_happens(self, data: st.DataObject) -> None:
        """One rule that draws what happens: of many rules Hypothesis would leave out some in every life."""
        one_of(data, [what for what in self._ways() for _ in range(OFTEN.get(what.__name__, 2))])(data)

    def _ways(self) -> Iterator[Callable[[st.DataObject], None]]:
        """What can happen now."""
        yield from (self.command, self.leave, self.somebody_else_tries, self.weeks_go_by)
        if len(self.wishes) < 3:
            yield self.another_wish
        if any(wish.posted and wish.free_as_told > 0 for wish in self.wishes):
            yield self.claim
        if self.adoptions:
            yield from (self.answer, self.holder_writes, self.any_event_arrives)
        if any("active" in wish.told.values() for wish in self.wishes):
            yield self.holder_acts
        if any(wish.taken < len(wish.facts) for wish in self.wishes):
            yield self.the_late_ones_arrive

    def another_wish(self, data: st.DataObject) -> None:
        self.submit(data.draw(SLOTS))

    def command(self, data: st.DataObject) -> None:
        """A step that leaves the wish on its way."""
        wish, step = one_of(data, self.wishes), one_of(data, ON_THE_WAY)
        organisation = one_of(data, ORGANISATIONS) if step is Step.RECOMMEND else None
        slots = data.draw(SLOTS) if step is Step.REVISE else None
        twice = data.draw(TWICE)
        self.ask(wish, step, self.who(step), organisation=organisation, slots=slots, twice=twice)

    def leave(self, data: st.DataObject) -> None:
        """A wish leaves the road, from the wall not too often, or none would get to its end."""
        wish, step = one_of(data, self.wishes), one_of(data, OFF_THE_ROAD)
        into = self._goes_on(data) if step is Step.MERGE else None
        if wish.status not in ON_THE_WALL or wish.refusal(step, into=into) or not data.draw(st.integers(0, 2)):
            self.ask(wish, step, self.who(step), into=into, twice=data.draw(TWICE))

    def answer(self, data: st.DataObject) -> None:
        """A delivery is confirmed or disputed, now and then one that has not come or is of another wish."""
        delivered = [one for wish in self.wishes for one, state in wish.adoptions.items() if state == "delivered"]
        sensible = bool(delivered) and data.draw(st.integers(0, 3)) > 0
        adoption = one_of(data, delivered if sensible else list(self.adoptions))
        wish = self.holding(adoption) if sensible else one_of(data, self.wishes)
        someone = one_of(data, (self.stage.staff, self.stage.resident))
        step = one_of(data, (Step.CONFIRM, Step.CONFIRM, Step.DISPUTE))
        self.ask(wish, step, someone, adoption=adoption, twice=data.draw(TWICE))

    def somebody_else_tries(self, data: st.DataObject) -> None:
        """A neighbour may do nothing, and is told of wishes that aren't public that there are none."""
        wish, step = one_of(data, self.wishes), one_of(data, OTHERS)
        answer = self.send(wish, step, self.stage.neighbour, into=self.wishes[0])
        if step is Step.MERGE:
            assert answer.status_code in {403, 409}, answer.text  # the other wish is looked at first
        else:
            assert answer.status_code == (403 if wish.status in PUBLIC else 404), answer.text

    def claim(self, data: st.DataObject) -> None:
        """adoption-service gives a slot away that is free as far as it knows."""
        wish = one_of(data, [wish for wish in self.wishes if wish.posted and wish.free_as_told > 0])
        self.claims(wish, late=data.draw(st.booleans()))

    def holder_acts(self, data: st.DataObject) -> None:
        """A holder delivers, lets go, is too late, or loses the wish."""
        adoption = one_of(data, [one for wish in self.wishes for one, state in wish.told.items() if state == "active"])
        wish, step, late = (
            self.holding(adoption),
            one_of(data, (*[Step.REPORTED] * 4, *ENDS)),
            data.draw(st.booleans()),
        )
        if step is Step.REPORTED:
            self.reports(adoption, late=late)
            return
        wish.told[adoption] = step.value
        self.say(wish, step, event_of(step, self.adoptions[adoption], self.stage.world), late=late)

    def holder_writes(self, data: st.DataObject) -> None:
        """Words about an adoption, whatever became of it."""
        adoption = one_of(data, list(self.adoptions))
        event = event_of(Step.NOTED, self.adoptions[adoption], self.stage.world)
        self.say(self.holding(adoption), Step.NOTED, event, late=data.draw(st.booleans()))

    def the_late_ones_arrive(self, data: st.DataObject) -> None:
        """In their order, as the consumer's gate sees to."""
        self.catch_up(one_of(data, [wish for wish in self.wishes if wish.taken < len(wish.facts)]))

    def any_event_arrives(self, data: st.DataObject) -> None:
        """Once more, or before its predecessor: Kafka may do both."""
        wish = one_of(data, [wish for wish in self.wishes if wish.facts])
        self.arrives(wish, one_of(data, wish.facts))

    def weeks_go_by(self, data: st.DataObject) -> None:
        """Timers go off."""
        wish = one_of(data, self.wishes)
        later = datetime.now(UTC) + timedelta(days=60)
        when, wishes = When(at=later, recorded_at=later), self.stage.world.service.parts.wishes
        self.stage.wait(wishes.change(wish.id, lambda known: follow_up.pass_time(known, when), when=when))
        wish.time_passes()
        self.touched.add(wish.id)

    @invariant()
    def what_was_touched_is_as_it_should_be(self) -> None:
        for wish in self.wishes:
            if wish.id in self.touched:
                self.stage.reached.add(wish.status)
                self.stage.wait(self.compare(wish))
        self.touched.clear()

    def teardown(self) -> None:
        """And nothing happened to the others meanwhile."""
        for wish in self.wishes:
            self.stage.wait(self.compare(wish))

    def _goes_on(self, data: st.DataObject) -> WishModel:
        """The wish to merge into: mostly one on the wall, as it has to be."""
        on_the_wall = [wish for wish in self.wishes if wish.status in ON_THE_WALL]
        return one_of(data, on_the_wall if on_the_wall and data.draw(st.integers(0, 3)) else self.wishes)
