"""Small groups of sensitive categories can't be worked out from what everybody is told."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wish_service.views.small_groups import SENSITIVE, SMALLEST, hidden, splittable
from wish_service.views.tally import COUNTS


def _row(category: str, *counts: int) -> dict[str, Any]:
    return {"category": category, **dict(zip(COUNTS, counts, strict=True)), "organisations": {}}


@pytest.mark.parametrize("few", [1, 4])
@pytest.mark.parametrize("name", COUNTS)
def test_any_count_from_one_to_four_hides_all_of_them(few: int, name: str) -> None:
    rows = [_row("medical", 9, 9, 9, 9) | {name: few}, _row("companionship", 9, 9, 9, 9), _row("goods", 1, 1, 1, 1)]
    assert not splittable(rows)
    shown = {row["category"]: row for row in hidden(rows)}
    assert all(shown[category][count] is None for category in SENSITIVE for count in COUNTS)
    assert all(shown[category]["suppressed"] for category in SENSITIVE)
    assert shown["goods"]["posted"] == 1


def test_none_and_five_are_told() -> None:
    assert splittable([_row("medical", 5, 5, 0, 0), _row("companionship", 0, 0, 0, 0)])
    assert splittable([_row("goods", 1, 1, 1, 1)])


def test_one_hidden_alone_would_be_found_out() -> None:
    """Negative control: hiding only the small one leaves total minus the others."""
    total, medical, companionship, goods = 20, 3, 10, 7
    assert total - goods - companionship == medical


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
def test_total_minus_the_others_leaves_more_than_one_answer(medical: int, companionship: int, goods: int) -> None:
    rows = [
        _row("medical", medical, 0, 0, 0),
        _row("companionship", companionship, 0, 0, 0),
        _row("goods", goods, 0, 0, 0),
    ]
    if splittable(rows):
        assert all(count == 0 or count >= SMALLEST for count in (medical, companionship))
        return
    told = hidden(rows)
    rest = medical + companionship + goods - sum(row["posted"] or 0 for row in told)
    # Everything that the reader can still believe: pairs with this sum that would have been hidden as well.
    believable = [
        (one, other)
        for one, other in product(range(rest + 1), repeat=2)
        if one + other == rest
        and not splittable([_row("medical", one, 0, 0, 0), _row("companionship", other, 0, 0, 0)])
    ]
    assert {one for one, _ in believable} >= {medical}
    assert len({one for one, _ in believable}) > 1
    assert len({other for _, other in believable}) > 1
