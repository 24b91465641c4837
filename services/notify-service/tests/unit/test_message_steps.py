"""The life of a message: every state times every step, against the design's words."""

import pytest

from notify_service.domain.message import STEPS, State, Step

DRAWN: dict[tuple[str, str], str] = {
    ("awaiting", "ready"): "queued",
    ("queued", "wait"): "awaiting",
    ("awaiting", "give_up"): "failed",
    ("queued", "give_up"): "failed",
    ("awaiting", "suppress"): "suppressed",
    ("queued", "suppress"): "suppressed",
    ("queued", "take"): "sending",
    ("sending", "accepted"): "sent",
    ("unknown", "accepted"): "sent",
    ("sending", "delivered"): "delivered",
    ("unknown", "delivered"): "delivered",
    ("sent", "delivered"): "delivered",
    ("sending", "undelivered"): "undelivered",
    ("unknown", "undelivered"): "undelivered",
    ("sent", "undelivered"): "undelivered",
    ("sending", "retry"): "queued",
    ("unknown", "retry"): "queued",
    ("sending", "fall_back"): "queued",
    ("unknown", "fall_back"): "queued",
    ("sent", "fall_back"): "queued",
    ("sending", "refused"): "failed",
    ("unknown", "refused"): "failed",
    ("sent", "refused"): "failed",
    ("sending", "lost"): "unknown",
    ("unknown", "never_accepted"): "queued",
    ("failed", "resend"): "queued",
    ("undelivered", "resend"): "queued",
}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("step", list(Step))
def test_each_step_from_each_state(state: State, step: Step) -> None:
    way = STEPS[step]
    leads_to = way.target.value if state in way.sources else None
    assert leads_to == DRAWN.get((state.value, step.value))


def test_nothing_sends_an_unknown_message_again_but_the_providers_word() -> None:
    back = {step for step, way in STEPS.items() if State.UNKNOWN in way.sources and way.target is State.QUEUED}
    assert back == {Step.NEVER_ACCEPTED, Step.RETRY, Step.FALL_BACK}, "it refused, or never accepted"
