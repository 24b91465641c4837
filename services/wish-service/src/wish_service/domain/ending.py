"""How a wish leaves the road before every slot is confirmed. Refused while a delivery waits for its answer."""

from dataclasses import replace

from microwish.events import Actor
from microwish.events.wish import WishClosed, WishFulfilled, WishTakenDown, WishWithdrawn
from microwish.when import When
from wish_service.domain.errors import Fault, InvalidInput
from wish_service.domain.states import Status, Step
from wish_service.domain.wish import Decision, Wish, entry, stepped, target


def withdraw(wish: Wish, reason: str | None, by: Actor, when: When, *, reason_code: str | None = None) -> Decision:
    """The resident no longer wishes it. Raises: WrongState."""
    event = WishWithdrawn(**wish.about, by=by, reason=reason)
    line = entry("WishWithdrawn", by, when, why=reason, reason_code=reason_code)
    return stepped(wish, Step.WITHDRAW, line, [event], ended_at=when.at, review_claim=None)


def take_down(wish: Wish, reason: str, by: Actor, when: When, *, reason_code: str | None = None) -> Decision:
    """Staff take it off the wall. Raises: WrongState."""
    event = WishTakenDown(**wish.about, by=by, reason=reason)
    line = entry("WishTakenDown", by, when, why=reason, reason_code=reason_code)
    return stepped(wish, Step.TAKE_DOWN, line, [event], ended_at=when.at)


def close(wish: Wish, reason: str | None, by: Actor, when: When, *, reason_code: str | None = None) -> Decision:
    """End it: fulfilled with fewer if something was confirmed (够了), else closed, which takes a reason.

    Raises: WrongState, InvalidInput.
    """
    target(wish.status, Step.CLOSE)
    if wish.confirmed:
        line = entry("WishFulfilled", by, when, why=reason, reason_code=reason_code)
        decision = stepped(wish, Step.CLOSE, line, [fulfilled(wish, by)], ended_at=when.at)
        return replace(decision, wish=replace(decision.wish, status=Status.FULFILLED))
    if reason is None:
        raise InvalidInput([Fault("reason", "field.missing")])
    event = WishClosed(**wish.about, by=by, reason=reason)
    line = entry("WishClosed", by, when, why=reason, reason_code=reason_code)
    return stepped(wish, Step.CLOSE, line, [event], ended_at=when.at)


def fulfilled(wish: Wish, by: Actor) -> WishFulfilled:
    """The event that names every confirmed adoption."""
    return WishFulfilled(
        **wish.about, by=by, adoption_ids=[adoption.id for adoption in wish.confirmed], slots=wish.slots
    )
