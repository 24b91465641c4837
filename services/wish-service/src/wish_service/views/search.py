"""Finding wishes by words, on an index.

A search inside a text can't run on an index of the text itself. So each row keeps the single characters and the
pairs of neighbours (bigrams) of its public text: 收音机 → 收 音 机 收音 音机. A word can only be in texts that hold its
pairs; these come from the index, newest first, and the word is then looked for in the text as it was normalised here.
"""

import unicodedata
from collections.abc import Iterable

PAIRS_ASKED = 4
"""Pairs of one word that are asked of the index; more would cost the planner more than they rule out."""
WORDS_ASKED = 8


def normalised(text: str) -> str:
    """The text as it is compared: one form of each character (ＭＰ３ → mp3), no case, one space between words."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def grams(texts: Iterable[str]) -> list[str]:
    """Every character and every pair of neighbours in these normalised texts, each once."""
    found: set[str] = set()
    for text in texts:
        for word in text.split():
            found.update(word)
            found.update(_pairs(word))
    return sorted(found)


def words_of(asked: str) -> list[str]:
    """The normalised words that all have to be in a text."""
    return list(dict.fromkeys(normalised(asked).split()))[:WORDS_ASKED]


def grams_asked(words: Iterable[str]) -> list[str]:
    """What the index is asked for: some pairs of each word, spread over it; of a single character itself."""
    chosen: list[str] = []
    for word in words:
        pairs = _pairs(word) or [word]
        step = max(1, -(-len(pairs) // PAIRS_ASKED))
        chosen += pairs[::step]
    return list(dict.fromkeys(chosen))


def _pairs(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(len(word) - 1)]
