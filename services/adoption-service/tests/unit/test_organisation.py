"""Verdicts on an organisation, exhaustively; its members; what a registration must hold."""

from itertools import product

import pytest
from pydantic import ValidationError

from adoption_service.domain.errors import LastManager, NotManager, NotMember, NotVerified, WrongState
from adoption_service.domain.organisation import Member, Organisation, OrganisationState, Verdict
from adoption_service.web.schemas import Registration, area
from microwish.events.adoption import MemberRole, OrganisationKind
from microwish.privacy.uscc import check_character

POSSIBLE = {
    ("pending", "approve"): "verified",
    ("pending", "refuse"): "refused",
    ("refused", "approve"): "verified",
    ("verified", "suspend"): "suspended",
    ("suspended", "approve"): "verified",
}
MANAGER, HANDLER = Member("m", MemberRole.MANAGER, "n"), Member("h", MemberRole.HANDLER, "n")


def organisation(state: OrganisationState = OrganisationState.VERIFIED) -> Organisation:
    return Organisation("o", "和风", OrganisationKind.COMPANY, state, "310117", (MANAGER, HANDLER), "p")


@pytest.mark.parametrize(("state", "verdict"), list(product(OrganisationState, Verdict)))
def test_every_state_meets_every_verdict(state: OrganisationState, verdict: Verdict) -> None:
    target = POSSIBLE.get((state.value, verdict.value))
    if target is None:
        with pytest.raises(WrongState):
            organisation(state).judged(verdict)
    else:
        assert organisation(state).judged(verdict) == target


def test_only_a_verified_organisation_may_claim() -> None:
    organisation().may_claim()
    for state in set(OrganisationState) - {OrganisationState.VERIFIED}:
        with pytest.raises(NotVerified):
            organisation(state).may_claim()


def test_members() -> None:
    assert organisation().member("h") is HANDLER
    with pytest.raises(NotMember):
        organisation().member("x")
    with pytest.raises(NotManager):
        organisation().manager("h")
    with pytest.raises(LastManager):
        organisation().without_member("m")
    with pytest.raises(LastManager):
        organisation().with_member(Member("m", MemberRole.HANDLER, "n"))


@pytest.mark.parametrize(
    ("code", "prefix"),
    [("310117001002", "310117001002"), ("310117001000", "310117001"), ("310117000000", "310117"), ("310000", "31")],
)
def test_an_area_is_a_prefix(code: str, prefix: str) -> None:
    assert area(code) == prefix


def registration(**changes: object) -> Registration:
    body = "91310117MA1000001"
    given = {
        "name": "和风邮政所",
        "kind": "company",
        "uscc": body + check_character(body),
        "contact": {"name": "李明", "phone": "13912345678"},
    }
    return Registration.model_validate({**given, **changes})


def test_the_scope_comes_from_the_credit_code_unless_it_is_given() -> None:
    assert registration().area == "310117"
    assert registration(scope="310117001000").area == "310117001"
    assert registration(uscc=None, branch_id="ZB-0001", scope="310117001").area == "310117001"


@pytest.mark.parametrize(
    "changes",
    [
        {"uscc": None},
        {"branch_id": "ZB-0001"},
        {"uscc": None, "branch_id": "ZB-0001"},
        {"uscc": "91310117MA10000011"},
        {"name": "  "},
        {"kind": "club"},
        {"contact": {"name": "李明", "phone": "123"}},
        {"scope": "3101171"},
    ],
)
def test_a_registration_that_lacks_something_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        registration(**changes)
