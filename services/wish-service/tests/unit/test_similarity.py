"""Likeness of wishes: the labelled pairs, and what it must be whatever the weights."""

import csv
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wish_service.domain.similar_words import EVERYBODY_SAYS, ONE_WORD, TELLING
from wish_service.domain.similarity import ALIKE, INDEXED_AT_MOST, Words, grams_to_find, plain, profile, similarity

DATA = Path(__file__).parents[1] / "data" / "similar_pairs.csv"
PILOT = Path(__file__).parents[4] / "data" / "pilot" / "wishes.csv"
TEXTS = st.text(alphabet="想要一台收音机的轮椅修灯孩子，。 aB1１", max_size=40)


def rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def words(pair: dict[str, Any], side: str) -> Words:
    return Words(pair[f"title_{side}"], pair[f"detail_{side}"], pair[f"category_{side}"])


def score(pair: dict[str, Any]) -> float:
    return similarity(profile(words(pair, "a")), profile(words(pair, "b")))


def ratio(pair: dict[str, Any]) -> float:
    first, second = (f"{pair[f'title_{side}']} {pair[f'detail_{side}']}" for side in "ab")
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def quality(pairs: list[dict[str, Any]], shown: list[bool]) -> tuple[float, float]:
    """Precision and recall."""
    right = sum(chosen and pair["same"] == "1" for pair, chosen in zip(pairs, shown, strict=True))
    return right / max(1, sum(shown)), right / sum(pair["same"] == "1" for pair in pairs)


def test_the_labelled_pairs_are_enough_and_their_parts_share_no_family() -> None:
    pairs = rows(DATA)
    assert len(pairs) >= 200
    assert sum(pair["same"] == "1" for pair in pairs) >= 80
    parts = {part: {pair["family"] for pair in pairs if pair["part"] == part} for part in ("tuning", "held_out")}
    assert all(parts.values())
    assert not parts["tuning"] & parts["held_out"]


def test_pairs_that_had_no_say_in_the_tuning_are_told_apart() -> None:
    pairs = [pair for pair in rows(DATA) if pair["part"] == "held_out"]
    precision, recall = quality(pairs, [score(pair) >= ALIKE for pair in pairs])
    assert precision >= 0.57
    assert recall >= 0.85


def test_a_naive_ratio_that_finds_as_many_is_wrong_more_often() -> None:
    """The control: showing as many of the same by the longest matching blocks shows more of the others."""
    pairs = [pair for pair in rows(DATA) if pair["part"] == "held_out"]
    precision, recall = quality(pairs, [score(pair) >= ALIKE for pair in pairs])
    for threshold in sorted({ratio(pair) for pair in pairs}, reverse=True):
        naive_precision, naive_recall = quality(pairs, [ratio(pair) >= threshold for pair in pairs])
        if naive_recall >= recall:
            break
    assert naive_precision < precision - 0.1


def test_the_vocabulary_was_not_taken_from_the_held_out_pairs() -> None:
    seen = [pair for pair in rows(DATA) if pair["part"] == "tuning"] + rows(PILOT)
    text = "\n".join(value for row in seen for value in row.values()).lower()
    listed = [*EVERYBODY_SAYS, *ONE_WORD, *ONE_WORD.values(), *TELLING]
    assert [word for word in listed if word not in text] == []


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_likeness_is_symmetric_and_between_none_and_all(a: str, b: str, c: str, d: str) -> None:
    one, other = profile(Words(a, b)), profile(Words(c, d))
    assert similarity(one, other) == pytest.approx(similarity(other, one))
    assert 0 <= similarity(one, other) <= 1 + 1e-9
    if plain(a):
        assert similarity(one, one) == pytest.approx(1)


def test_writing_does_not_matter() -> None:
    assert plain("ＷｉＦｉ 断了！") == "wifi 断了"
    same = similarity(profile(Words("希望有一台收音机，谢谢！")), profile(Words("想要收音机1台")))
    assert same > 0.95


def test_another_category_counts_less_and_none_counts_as_any() -> None:
    wish, repair = Words("收音机", "", "goods"), Words("收音机", "", "repair")
    assert similarity(profile(wish), profile(repair)) < 0.5
    assert similarity(profile(wish), profile(Words("收音机"))) == pytest.approx(1)


def test_what_a_wish_is_found_by_is_bounded_and_says_something() -> None:
    assert len(grams_to_find("字" * 60, "句子里有很多话" * 80)) <= INDEXED_AT_MOST
    assert grams_to_find("想要的", "一个") == []
    assert set(grams_to_find("想要收音机")) & set(grams_to_find("半导体一台"))
