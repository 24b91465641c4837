"""Stored claims of a wish whose resident asked to be forgotten: what was done stays, what was written goes.

Words go, whoever wrote them: reasons, notes and thanks are about the resident (as wish-service does it, ADR 0023).
"""

from dataclasses import replace

from microwish.store.aggregate import Change
from microwish.store.mongo import Document

_WORDS = ("delivery_note", "reason", "thanks")
SEALED = "v1."
"""How sealed texts begin; other reasons are codes."""


def adoption_without_words(stored: Document) -> Document:
    """The adoption without what anybody wrote; a question that is open keeps that it is open."""
    kept = {name: value for name, value in stored.items() if name not in _WORDS}
    if "handover" in kept:
        kept["handover"] = {**kept["handover"], "reason": ""}
    return {**kept, "notes": []}


def line_without_words(line: Document) -> Document:
    """The line of the timeline without a reason that somebody wrote."""
    written = str(line.get("why", "")).startswith(SEALED)
    return {name: value for name, value in line.items() if name != "why"} if written else line


def kept_wordless(document: Document, change: Change) -> Change:
    """The change as it may be kept: without words, where those of this wish are gone."""
    if "words_gone_at" not in document:
        return change
    after: Document = {**document, **change.set}
    parts = {name: [adoption_without_words(one) for one in after[name]] for name in ("adoptions", "ended")}
    lines = [line_without_words(line) for line in after["timeline"]]
    return replace(change, set={**change.set, **parts, "timeline": lines})
