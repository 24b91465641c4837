"""The state on the wall follows from slots and adoptions alone."""

import dataclasses
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wish_service.domain.adoptions import HOLDING, Adoption, AdoptionState, held, road_state
from wish_service.domain.states import Status


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(slots=st.integers(1, 6), states=st.lists(st.sampled_from(AdoptionState), max_size=9), seed=st.randoms())
def test_the_state_says_what_is_left_to_do(
    adoption: Callable[..., Adoption], slots: int, states: list[AdoptionState], seed: object
) -> None:
    holding = [state for state in states if state in HOLDING][:slots]
    adoptions = [
        adoption(str(n), state)
        for n, state in enumerate([*holding, *(state for state in states if state not in HOLDING)])
    ]
    status = road_state(slots, adoptions)
    confirmed = holding.count(AdoptionState.CONFIRMED)
    assert (status is Status.FULFILLED) == (confirmed == slots)
    assert (status is Status.POSTED) == (held(adoptions) < slots)
    assert (status is Status.ADOPTED) == (len(holding) == slots and AdoptionState.ACTIVE in holding)
    assert (status is Status.DELIVERED) == (
        len(holding) == slots and AdoptionState.ACTIVE not in holding and confirmed < slots
    )
    seed.shuffle(adoptions)  # type: ignore[attr-defined]
    assert road_state(slots, adoptions) is status


def test_an_ended_adoption_counts_for_nothing(adoption: Callable[..., Adoption]) -> None:
    active = adoption()
    ended = dataclasses.replace(active, id="a2", state=AdoptionState.LAPSED)
    assert road_state(1, [active, ended]) is road_state(1, [active])
