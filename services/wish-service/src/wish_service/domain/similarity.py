"""How alike two wishes are, from their words alone: weighted character n-grams of title and detail.

Chinese has no spaces between words, so runs of one to three characters stand for them. Before that, what every wish
says is taken out (想要, 谢谢), and different words for one thing are made one (半导体 → 收音机; `similar_words`).
Weights and threshold were tuned on the part `tuning` of tests/data/similar_pairs.csv (ADR 0013).
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from wish_service.domain.similar_words import EVERYBODY_SAYS, EVERYDAY, ONE_WORD, TELLING

_NOT_WORDS = re.compile(r"[^\u4e00-\u9fffa-z0-9]+")
_SAID_BY_ALL = re.compile("|".join(sorted(EVERYBODY_SAYS, key=len, reverse=True)))
_VARIANTS = re.compile("|".join(sorted(ONE_WORD, key=len, reverse=True)))
_SEPARATOR = " "
_RARE = 0.85
_DETAIL_READ = 200
"""Characters of a detail that are compared: what is wished for stands at its beginning."""

INDEXED_AT_MOST = 64
"""How many grams of one wish are kept for finding it; the title's come first."""


@dataclass(frozen=True)
class Weights:
    """What counts how much.

    of_length: an n-gram, by its length. rarity: the power of how much a character tells; an n-gram counts as the mean
    of its characters. detail: a gram that stands in the detail alone. title_share: how much of the score the titles by
    themselves make. coverage: how much says how far the shorter text is in the longer; the rest says how much of both
    is shared. other_category: the factor when the two are of different categories.
    """

    of_length: tuple[float, float, float] = (1.0, 0.3, 0.1)
    rarity: float = 3.0
    detail: float = 0.4
    title_share: float = 0.8
    coverage: float = 0.2
    other_category: float = 0.4


WEIGHTS: Final = Weights()
ALIKE: Final = 0.15
"""From this score on two wishes are shown as similar: a missed one costs a second visit, a false one a glance."""


@dataclass(frozen=True)
class Words:
    """A wish as far as likeness goes. Without a category it is compared with every category alike."""

    title: str
    detail: str = ""
    category: str | None = None


@dataclass(frozen=True)
class Profile:
    """The weighted grams of a wish; made once for a wish that is compared with many."""

    title: Mapping[str, float]
    whole: Mapping[str, float]
    category: str | None


def profile(words: Words, weights: Weights = WEIGHTS) -> Profile:
    """What `similarity` compares."""
    title, detail = _weighed(words.title, weights), _weighed(words.detail[:_DETAIL_READ], weights)
    whole = dict(title)
    for gram, weight in detail.items():
        # A gram counts once, as strongly as where it stands best: repeating it does not make wishes more alike.
        whole[gram] = max(whole.get(gram, 0.0), weight * weights.detail)
    return Profile(title, whole, words.category)


def similarity(one: Profile, other: Profile, weights: Weights = WEIGHTS) -> float:
    """From 0 (nothing in common) to 1 (the same words); symmetric. Both profiles were made with these weights."""
    titles = _overlap(one.title, other.title, weights)
    whole = _overlap(one.whole, other.whole, weights)
    score = weights.title_share * titles + (1 - weights.title_share) * whole
    apart = one.category and other.category and one.category != other.category
    return score * weights.other_category if apart else score


def grams_to_find(title: str, detail: str = "") -> list[str]:
    """The pairs of characters by which a wish is found again: what two similar wishes share at least one of.

    Without pairs of everyday characters; a title of one telling character alone gives that character.
    """
    found = dict.fromkeys(_pairs(title) or _single(title))
    found |= dict.fromkeys(_pairs(detail))
    return list(found)[:INDEXED_AT_MOST]


def plain(text: str) -> str:
    """The words that tell, in one writing: NFKC, small letters, one word per thing, runs apart by single spaces."""
    normal = unicodedata.normalize("NFKC", text).lower()
    one_word = _VARIANTS.sub(lambda found: ONE_WORD[found.group()], normal)
    telling = _SAID_BY_ALL.sub(_SEPARATOR, one_word)
    return _NOT_WORDS.sub(_SEPARATOR, telling).strip()


def _weighed(text: str, weights: Weights) -> dict[str, float]:
    found: dict[str, float] = {}
    for run in plain(text).split(_SEPARATOR):
        for length, weight in enumerate(weights.of_length, start=1):
            for start in range(len(run) - length + 1):
                gram = run[start : start + length]
                found[gram] = weight * sum(_telling(character, weights.rarity) for character in gram) / length
    return found


@lru_cache(maxsize=8192)
def _telling(character: str, rarity: float) -> float:
    return float(TELLING.get(character, _RARE) ** rarity)


def _overlap(one: Mapping[str, float], other: Mapping[str, float], weights: Weights) -> float:
    if not one or not other:
        return 0.0
    shared = sum(min(weight, other[gram]) for gram, weight in one.items() if gram in other)
    sizes = sum(one.values()), sum(other.values())
    return weights.coverage * shared / min(sizes) + (1 - weights.coverage) * 2 * shared / sum(sizes)


def _pairs(text: str) -> list[str]:
    runs = plain(text).split(_SEPARATOR)
    pairs = [run[at : at + 2] for run in runs for at in range(len(run) - 1)]
    return [pair for pair in pairs if not EVERYDAY.issuperset(pair)]


def _single(text: str) -> list[str]:
    return [character for character in plain(text) if character not in EVERYDAY and character != _SEPARATOR]
