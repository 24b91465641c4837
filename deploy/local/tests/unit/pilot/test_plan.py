"""The order in which the sample's people act."""

from dataclasses import replace

import pytest

from microwish_local.paths import DATA
from microwish_local.pilot.district import Adoption, District, Wish, read_district
from microwish_local.pilot.plan import Act, residents_who_sign_in, steps_of, verified_days_ago

WISH = Wish(
    ref="W1",
    community="310117001020",
    category="goods",
    title="收音机",
    detail="",
    public_title="收音机",
    public_detail="",
    slots=2,
    estimated_value_fen=None,
    resident="R1",
    posted_by="self",
    submitted=30.0,
    reviewed=29.0,
    ended=None,
    state="fulfilled",
    reason=None,
)
FIRST = Adoption("W1", "O1", 20.0, None, None, 12.0, "送到了", 10.0, "谢谢", "self", None)
SECOND = Adoption("W1", "O2", 15.0, "选好了", 13.0, 11.0, None, 5.0, None, "staff", "电话问过")


@pytest.fixture(scope="module")
def pilot() -> District:
    return read_district(DATA / "pilot")


def test_the_life_of_a_wish_runs_by_date_across_its_adoptions() -> None:
    acts = [
        (step.act, step.adoption.organisation if step.adoption else None) for step in steps_of(WISH, (FIRST, SECOND))
    ]
    assert acts == [
        (Act.SUBMIT, None),
        (Act.APPROVE, None),
        (Act.CLAIM, "O1"),
        (Act.CLAIM, "O2"),
        (Act.PROGRESS, "O2"),
        (Act.DELIVER, "O1"),
        (Act.DELIVER, "O2"),
        (Act.CONFIRM, "O1"),
        (Act.CONFIRM, "O2"),
    ]


@pytest.mark.parametrize(
    ("state", "acts"),
    [
        ("submitted", [Act.SUBMIT]),
        ("returned", [Act.SUBMIT, Act.RETURN]),
        ("rejected", [Act.SUBMIT, Act.REJECT]),
        ("withdrawn", [Act.SUBMIT, Act.APPROVE, Act.WITHDRAW]),
        ("taken_down", [Act.SUBMIT, Act.APPROVE, Act.TAKE_DOWN]),
        ("closed", [Act.SUBMIT, Act.APPROVE, Act.CLOSE]),
    ],
)
def test_a_wish_that_leaves_the_road(state: str, acts: list[Act]) -> None:
    wish = replace(WISH, state=state, reviewed=None if state == "submitted" else 29.0, ended=20.0)
    assert [step.act for step in steps_of(wish)] == acts


def test_nobody_acts_before_their_turn_in_the_pilot(pilot: District) -> None:
    before = {Act.APPROVE: Act.SUBMIT, Act.CLAIM: Act.APPROVE, Act.DELIVER: Act.CLAIM, Act.CONFIRM: Act.DELIVER}
    for wish in pilot.wishes:
        seen = set()
        for step in steps_of(wish, pilot.adoptions.get(wish.ref, ())):
            assert before.get(step.act, Act.SUBMIT) in seen or step.act is Act.SUBMIT, wish.ref
            seen.add(step.act)


def test_organisations_are_verified_before_their_first_claim(pilot: District) -> None:
    for ref, organisation in pilot.organisations.items():
        claims = [one.claimed for found in pilot.adoptions.values() for one in found if one.organisation == ref]
        assert organisation.registered > verified_days_ago(pilot, ref) > max(claims)


def test_only_residents_who_do_something_themselves_sign_in(pilot: District) -> None:
    phones = residents_who_sign_in(pilot)
    acting = {one for one in pilot.residents.values() if one.phone in phones}
    assert all(one.signs_in for one in acting)
    assert len(set(phones)) == len(phones)
    posting = {wish.resident for wish in pilot.wishes if wish.posted_by == "self"}
    assert posting <= {one.ref for one in acting}
