"""Cells add up: whatever is counted apart and added is what is counted together."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wish_service.views.tally import Tally, tenths, total

START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.none() | st.integers(0, 24 * 80).map(lambda hours: START + timedelta(hours=hours))


def _month(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m}" if moment else None


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Any]:
    moments = {name: draw(MOMENTS) for name in ("claimed", "confirmed", "fulfilled")}
    moments["posted"] = START + timedelta(hours=draw(st.integers(0, 24 * 80)))
    holders = st.builds(
        lambda kind, who, at: {"kind": kind, "id": who, "month": _month(at)},
        st.sampled_from(("party_organisation", "resident_unit")),
        st.sampled_from("abc"),
        MOMENTS.filter(bool),
    )
    return {
        "moments": moments,
        "months": {name: _month(moment) for name, moment in moments.items()},
        "holders": draw(st.lists(holders, max_size=3)),
    }


def _tally(some: list[dict[str, Any]], *months: str) -> Tally:
    tally = Tally()
    for fact in some:
        for month in months:
            tally.add_fact(fact, month)
    return tally


@given(st.lists(facts(), max_size=8), st.integers(0, 8))
def test_apart_and_added_is_counted_together(some: list[dict[str, Any]], cut: int) -> None:
    together = _tally(some, "2026-01", "2026-02", "2026-03")
    parts = [_tally(half, month) for half in (some[:cut], some[cut:]) for month in ("2026-01", "2026-02", "2026-03")]
    kept = [Tally.from_document(part.to_document()) for part in parts]
    assert total(kept).row() == together.row()


def test_an_organisation_of_two_months_counts_once_in_their_sum() -> None:
    fact = {
        "moments": dict.fromkeys(("posted", "claimed", "confirmed", "fulfilled"), None),
        "months": dict.fromkeys(("posted", "claimed", "confirmed", "fulfilled"), None),
        "holders": [{"kind": "company", "id": "a", "month": month} for month in ("2026-01", "2026-02")],
    }
    months = [_tally([fact], month) for month in ("2026-01", "2026-02")]
    assert [one.row()["organisations"] for one in months] == [{"company": 1}, {"company": 1}]
    assert total(months).row()["organisations"] == {"company": 1}


def test_the_median_of_an_even_number_lies_between_and_nothing_has_none() -> None:
    tally = Tally()
    assert tally.empty
    assert tally.row()["median_days_to_claim"] is None
    tally.spans["to_claim"].update([10, 10, 25, 90])
    assert tally.row()["median_days_to_claim"] == 1.8  # of 1.0 and 2.5, to a tenth


def test_what_ends_before_it_began_by_another_clock_took_no_time() -> None:
    assert tenths(START, START - timedelta(seconds=3)) == 0
    assert tenths(START, START + timedelta(days=3, hours=12)) == 35
