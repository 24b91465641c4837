"""Texts as people meant them: without the characters that nobody sees (controls, halves, direction overrides)."""

from collections.abc import Callable


def one_line(text: str) -> str:
    """The text in one line, without control characters; messages and cards have no room for more."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def printable(text: str) -> str:
    """The text with its line breaks, without other control characters."""
    return "\n".join(one_line(line) for line in text.splitlines()).strip()


def cleaned(clean: Callable[[str], str]) -> Callable[[object], object]:
    """A validator that cleans texts and leaves anything else to the type that follows."""
    return lambda value: clean(value) if isinstance(value, str) else value
