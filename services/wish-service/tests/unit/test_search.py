from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wish_service.views.search import grams, grams_asked, normalised, words_of
from wish_service.views.wall_rows import order_of


@pytest.mark.parametrize(
    ("written", "compared"),
    [("ＭＰ３　Player", "mp3 player"), ("  收音机\n老人 ", "收音机 老人"), ("㎏", "kg"), ("", "")],
)
def test_what_is_written_differently_is_compared_alike(written: str, compared: str) -> None:
    assert normalised(written) == compared


def test_a_text_is_known_by_its_characters_and_pairs() -> None:
    assert grams(["收音机 灯"]) == sorted(["收", "音", "机", "灯", "收音", "音机"])


@given(st.text(max_size=60), st.data())
def test_whatever_stands_in_a_text_is_asked_of_its_grams_alone(text: str, data: st.DataObject) -> None:
    known = normalised(text)
    start = data.draw(st.integers(0, len(known)))
    asked = known[start : data.draw(st.integers(start, len(known)))]
    words = words_of(asked)
    assert set(grams_asked(words)) <= set(grams([known]))
    assert all(word in known for word in words)


@given(st.text(max_size=40))
def test_few_grams_are_asked_for(text: str) -> None:
    words = words_of(text)
    assert len(words) <= 8
    assert len(grams_asked(words)) <= 4 * len(words)
    assert bool(words) == bool(grams_asked(words))


MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2900, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  zone beside


@given(MOMENTS, MOMENTS, st.uuids().map(str), st.uuids().map(str))
def test_the_order_is_that_of_time_then_id(one: datetime, other: datetime, first: str, second: str) -> None:
    def key(at: datetime, wish_id: str) -> tuple[int, str]:
        return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1), wish_id

    assert (order_of(one, first) < order_of(other, second)) == (key(one, first) < key(other, second))
