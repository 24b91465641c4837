"""What staff changed when they edited a resident's words for everybody's eyes, in pieces small enough to be seen."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_WORDS = re.compile(r"[0-9A-Za-z]+|\s+|.", re.DOTALL)
"""A Chinese character, a number or a Latin word is one piece."""


class Fate(StrEnum):
    """What became of a piece of the original."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class Piece:
    """A run of text of one fate. Kept and removed ones are the original, kept and added ones the public text."""

    fate: Fate
    text: str


def difference(original: str, public: str) -> list[Piece]:
    """From the original to the public text."""
    before, after = _WORDS.findall(original), _WORDS.findall(public)
    pieces: list[Piece] = []
    for tag, low, high, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(_piece(Fate.KEPT, before[low:high]))
            continue
        if low < high:
            pieces.append(_piece(Fate.REMOVED, before[low:high]))
        if start < end:
            pieces.append(_piece(Fate.ADDED, after[start:end]))
    return pieces


def _piece(fate: Fate, words: Sequence[str]) -> Piece:
    return Piece(fate, "".join(words))
