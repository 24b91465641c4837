"""How it looks what staff made of a resident's words for everybody's eyes."""

import json

from wish_service.domain.differences import difference
from wish_service.domain.wish import Entry, Wish
from wish_service.store.seals import Seals

Pieces = list[dict[str, str]]


def compared(original: dict[str, str], public: dict[str, str]) -> dict[str, Pieces] | None:
    """Piece by piece what became of each text that was changed; None if none was."""
    changed = {
        name: [{"fate": piece.fate.value, "text": piece.text} for piece in difference(original[name], public[name])]
        for name in original
        if original[name] != public[name]
    }
    return changed or None


def difference_of(line: Entry, wish: Wish, seals: Seals) -> dict[str, Pieces] | None:
    """What staff changed of the resident's words, as the line of the timeline keeps it."""
    kept = seals.of_wish(wish.id, line.edited)
    if kept is None:
        return None
    edited: dict[str, list[str]] = json.loads(kept)
    return compared({name: pair[0] for name, pair in edited.items()}, {name: pair[1] for name, pair in edited.items()})
