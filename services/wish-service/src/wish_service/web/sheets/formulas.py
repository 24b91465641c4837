"""Text that a spreadsheet program must not take for a formula (OWASP, CSV injection)."""

_STARTS = frozenset("=+-@＝＋－＠")
_CONTROLS = ("\t", "\r", "\n")
_MARK = "'"


def guarded(text: str) -> str:
    """The text as it may stand in a cell: with an apostrophe before what could start a formula, blanks aside.

    In .xlsx too, although a text cell isn't calculated there: saved as CSV later it would be.
    """
    return _MARK + text if text.startswith(_CONTROLS) or text.lstrip()[:1] in _STARTS else text


def unguarded(text: str) -> str:
    """The trimmed text as it was before `guarded`, so that an export can be imported."""
    return text[1:] if text[:1] == _MARK and text[1:].lstrip()[:1] in _STARTS else text
