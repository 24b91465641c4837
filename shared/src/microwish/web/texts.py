"""Catalogues: every text a person reads, Chinese first, English beside it."""

from collections.abc import Mapping
from typing import Literal

from starlette.requests import Request

Language = Literal["zh", "en"]
LANGUAGE_COOKIE = "microwish_lang"
_MAX_HEADER_CHARACTERS = 500


class UnknownText(KeyError):
    """A text was asked for that the catalogue doesn't hold: a fault of the program, found by its tests."""


class Catalogue:
    """Texts by key, each a pair (中文, English); `{placeholders}` are filled by `text`."""

    def __init__(self, texts: Mapping[str, tuple[str, str]]) -> None:
        self._texts = dict(texts)

    def __contains__(self, key: object) -> bool:
        return key in self._texts

    def keys(self) -> frozenset[str]:
        """All keys, for tests that look for texts nobody uses."""
        return frozenset(self._texts)

    def with_base(self, base: "Catalogue") -> "Catalogue":
        """A catalogue with these texts and those of `base` that these don't replace."""
        return Catalogue({**base._texts, **self._texts})

    def text(self, key: str, language: Language = "zh", /, **values: object) -> str:
        """The text of a key with its placeholders filled.

        Raises: UnknownText for a key or a placeholder that doesn't exist.
        """
        try:
            chinese, english = self._texts[key]
            template = english if language == "en" else chinese
            return template.format(**values) if values else template
        except (KeyError, IndexError) as error:
            raise UnknownText(f"{key}: {error}") from error


def language_of(request: Request) -> Language:
    """The language for answers to programs: what `Accept-Language` prefers (RFC 9110), Chinese by default."""
    return accepted_language(request.headers.get("accept-language", ""))


def page_language(request: Request) -> Language:
    """The language for pages: Chinese unless the reader chose English by the link at the foot of a page."""
    return "en" if request.cookies.get(LANGUAGE_COOKIE) == "en" else "zh"


def accepted_language(header: str) -> Language:
    """`zh` or `en`, whichever has the higher weight in an Accept-Language header; `zh` when neither has."""
    weights: dict[str, float] = {}
    for part in header[:_MAX_HEADER_CHARACTERS].split(","):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.strip().lower().split("-")[0]
        weight = _weight(parameters)
        weights[primary] = max(weight, weights.get(primary, 0.0))
    return "en" if weights.get("en", 0.0) > weights.get("zh", 0.0) else "zh"


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
