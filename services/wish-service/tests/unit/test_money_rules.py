"""Cash, cards and loans, however they are written: the labelled sentences, each by itself."""

import csv
from pathlib import Path

import pytest

from wish_service.domain.money_rules import asks_for_money

TABLE = Path(__file__).parents[1] / "data" / "money_sentences.csv"


def sentences(refused: bool) -> list[str]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file) if (row["refused"] == "1") is refused]


def test_the_table_is_large_enough() -> None:
    assert len(sentences(True)) >= 80
    assert len(sentences(False)) >= 80


@pytest.mark.parametrize("text", sentences(True))
def test_what_asks_for_money_is_refused(text: str) -> None:
    assert asks_for_money(text)


@pytest.mark.parametrize("text", sentences(False))
def test_what_only_speaks_of_money_is_not(text: str) -> None:
    assert not asks_for_money(text)


def test_no_wish_of_the_pilot_is_refused() -> None:
    pilot = Path(__file__).parents[4] / "data" / "pilot" / "wishes.csv"
    with pilot.open(encoding="utf-8", newline="") as file:
        texts = [row[name] for row in csv.DictReader(file) for name in ("title", "detail")]
    assert [text for text in texts if asks_for_money(text)] == []


def test_a_warning_does_not_excuse_the_next_sentence() -> None:
    assert asks_for_money("想听防诈骗讲座。另外给我发个红包吧")
    assert not asks_for_money("想听防诈骗讲座，讲讲红包骗局")
