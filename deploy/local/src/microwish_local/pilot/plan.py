"""What has to happen to each wish of the sample, in the order in which it happened, and who has to sign in for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from microwish_local.pilot.district import Adoption, District, Wish


class Act(StrEnum):
    """One command on a wish or on one of its adoptions."""

    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    CLAIM = "claim"
    PROGRESS = "progress"
    DELIVER = "deliver"
    CONFIRM = "confirm"
    WITHDRAW = "withdraw"
    TAKE_DOWN = "take_down"
    CLOSE = "close"


_REVIEWS = {"returned": Act.RETURN, "rejected": Act.REJECT}
_ENDINGS = {"withdrawn": Act.WITHDRAW, "taken_down": Act.TAKE_DOWN, "closed": Act.CLOSE}


@dataclass(frozen=True)
class Step:
    """An act, `days_ago` days before the load; `adoption` where it is about one."""

    act: Act
    days_ago: float
    adoption: Adoption | None = None


def steps_of(wish: Wish, adoptions: tuple[Adoption, ...] = ()) -> list[Step]:
    """The life of a wish, the earliest step first."""
    steps = [Step(Act.SUBMIT, wish.submitted)]
    if wish.reviewed is not None:
        steps.append(Step(_REVIEWS.get(wish.state, Act.APPROVE), wish.reviewed))
    for adoption in adoptions:
        steps += _steps_of_adoption(adoption)
    if wish.state in _ENDINGS:
        steps.append(Step(_ENDINGS[wish.state], wish.ended or 0.0))
    return sorted(steps, key=lambda step: -step.days_ago)


def _steps_of_adoption(adoption: Adoption) -> list[Step]:
    moments = {
        Act.CLAIM: adoption.claimed,
        Act.PROGRESS: adoption.progressed if adoption.progress_note else None,
        Act.DELIVER: adoption.delivered,
        Act.CONFIRM: adoption.confirmed,
    }
    return [Step(act, days, adoption) for act, days in moments.items() if days is not None]


def residents_who_sign_in(district: District) -> list[str]:
    """Phones of the residents who do something themselves: post, confirm or withdraw. Each once, in order."""
    acting = []
    for wish in district.wishes:
        adoptions = district.adoptions.get(wish.ref, ())
        confirms = any(one.confirmed is not None and one.confirmed_by == "self" for one in adoptions)
        if wish.posted_by == "self" or confirms or wish.state == "withdrawn":
            acting.append(district.residents[wish.resident].phone)
    return list(dict.fromkeys(acting))


def verified_days_ago(district: District, organisation: str) -> float:
    """When an organisation was verified: a day after it registered, or half-way to its first claim if sooner."""
    registered = district.organisations[organisation].registered
    claims = [
        one.claimed
        for adoptions in district.adoptions.values()
        for one in adoptions
        if one.organisation == organisation
    ]
    return max(registered - 1.0, (registered + max(claims, default=0.0)) / 2)
