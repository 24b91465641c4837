"""The table of an adoption, exhaustively: every state × every step."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from adoption_service.domain.adoption import HOLDING, Adoption, AdoptionState, Step
from adoption_service.domain.errors import NotActive
from adoption_service.domain.lease import Lease
from microwish.events.adoption import OrganisationKind, OrganisationRef

NOW = datetime(2026, 6, 1, tzinfo=UTC)
POSSIBLE = {
    ("active", "note_progress"): "active",
    ("active", "extend"): "active",
    ("active", "change_partners"): "active",
    ("active", "name_handler"): "active",
    ("active", "propose_handover"): "active",
    ("active", "report_delivery"): "delivered",
    ("active", "release"): "released",
    ("active", "lapse"): "lapsed",
    ("active", "revoke"): "revoked",
    ("active", "confirm"): "confirmed",
    ("delivered", "confirm"): "confirmed",
    ("delivered", "dispute"): "active",
}


def adoption(state: AdoptionState) -> Adoption:
    who = OrganisationRef(id="o", name="和风", kind=OrganisationKind.COMPANY)
    due = NOW + timedelta(days=15)
    return Adoption("a", who, "h", "n", "p", "c", NOW, NOW, due, due - timedelta(days=3), state=state)


@pytest.mark.parametrize(("state", "step"), list(product(AdoptionState, Step)))
def test_every_state_meets_every_step(state: AdoptionState, step: Step) -> None:
    target = POSSIBLE.get((state.value, step.value))
    if target is None:
        with pytest.raises(NotActive):
            adoption(state).stepped(step, at=NOW)
        return
    after = adoption(state).stepped(step, at=NOW)
    assert after.state == target
    assert (after.ended_at is None) == (after.state in HOLDING)


def test_a_timer_runs_only_while_active() -> None:
    assert adoption(AdoptionState.ACTIVE).wake_at == NOW + timedelta(days=12)
    assert all(adoption(state).wake_at is None for state in AdoptionState if state is not AdoptionState.ACTIVE)


def test_a_reminder_that_would_not_come_after_the_claim_is_left_out() -> None:
    short = Lease(timedelta(seconds=5), timedelta(days=3), timedelta(days=7), timedelta(days=3))
    assert short.remind_at(NOW, NOW + short.term) is None
