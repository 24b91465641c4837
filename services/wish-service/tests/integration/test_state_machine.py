"""The life of wishes as a state machine: any sequence of commands and adoption-service's events, on the real database.

People's commands go through the API, adoption-service's events through the use case behind the consumer. After every
step each wish is compared with the model (`wish_model.py`): its state, its timeline (invariant 8), its events without a
gap, its slots, and that nothing but a person's word confirms anything.
"""

import asyncio
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from wish_service.domain.states import Follow, Status, Step
from wish_service.domain.wish import TABLE

from .life_machine import COMMANDS, Lives
from .life_stage import Acts, Stage

pytestmark = [
    pytest.mark.integration,
    # The service on its loop draws random numbers while Hypothesis draws in its thread.
    pytest.mark.filterwarnings("ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning"),
]

SEARCH = int(os.environ.get("MICROWISH_SEARCH", "0"))
"""How many random lives to try. Without it the same ones every time: a red run is then the fault of the change that it
tests, on every machine, and comes back until it is mended; who wants to look for more sets the number."""
LIVES = settings(
    max_examples=SEARCH or 24,
    stateful_step_count=30,
    derandomize=not SEARCH,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
WITHOUT_SHRINKING = settings(LIVES, phases=(Phase.generate,), report_multiple_bugs=False)
"""For the negative controls: that they fail is all there is to know."""


@pytest.fixture
async def stage(world: Any) -> Stage:
    resident, neighbour, staff = await world.person(), await world.person(), await world.staff()
    return Stage(world, asyncio.get_running_loop(), resident, neighbour, staff)


async def live(stage: Stage, how: settings, **changes: Any) -> None:
    """Run the machine, as it is or with a wrong model, in a thread beside the loop."""
    machine = type("Machine", (Lives,), {"stage": stage, **changes})
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=how)


def every_step(stage: Stage) -> None:
    """From each state, each step: those that lead away of a wish each, after everything that leaves it where it is."""
    acts = type("Acting", (Acts,), {"stage": stage})()
    acts.submit(1)
    acts.ask(acts.wishes[0], Step.APPROVE, stage.staff)
    for status in Status:
        leading = [step for step in COMMANDS & TABLE[status].keys() if TABLE[status][step] is not Follow.STAYS]
        for nth in range(max(1, len(leading))):
            acts.submit(3)
            wish = acts.wishes[-1]
            acts.lead(wish, status, delivered=True)
            assert wish.status is status
            for step in (*([] if nth else sorted(COMMANDS - set(leading))), *leading[nth : nth + 1]):
                acts.try_one(wish, step)
                stage.wait(acts.compare(wish))


async def test_whatever_happens_in_whatever_order_a_wish_goes_by_the_table(stage: Stage) -> None:
    await live(stage, LIVES)
    assert stage.reached == set(Status), "a state that no life came to is not tested"
    assert len(stage.taken) > 20
    assert len(stage.refused) > 40


async def test_every_step_from_every_state_is_as_the_table_says(stage: Stage) -> None:
    await asyncio.to_thread(every_step, stage)
    allowed = {(status, step) for status, steps in TABLE.items() for step in steps if step in COMMANDS}
    assert stage.taken >= allowed
    assert len(stage.taken | stage.refused) == len(Status) * len(COMMANDS)


async def test_a_table_that_forbids_too_much_is_found_out(stage: Stage) -> None:
    posted = {step: towards for step, towards in TABLE[Status.POSTED].items() if step is not Step.SHOW_CONTACT}
    with pytest.raises(AssertionError):
        await live(stage, WITHOUT_SHRINKING, table={**TABLE, Status.POSTED: posted})


async def test_a_model_in_which_deliveries_confirm_themselves_is_found_out(stage: Stage) -> None:
    with pytest.raises(AssertionError):
        await live(stage, WITHOUT_SHRINKING, lenient_confirmation=True)
