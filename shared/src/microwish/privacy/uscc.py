"""Unified social credit codes 统一社会信用代码 (GB 32100-2015): 18 characters, the last a check character mod 31."""

import unicodedata

from stdnum.cn import uscc as stdnum_uscc
from stdnum.exceptions import ValidationError

# GB 32100-2015, table of character values: digits and capitals without I, O, S, V, Z.
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
_LETTER_AUTHORITIES = "ANY"


class InvalidUscc(ValueError):
    """Not a unified social credit code; `code` names what to tell the person."""

    code = "invalid_uscc"


def check_uscc(text: str) -> str:
    """The code without spaces and dashes, in capitals, when it is valid.

    Codes that begin with a digit are judged by python-stdnum; those of the authorities A (military), N (agriculture)
    and Y (others), which it refuses, by the standard's alphabet and check character.

    Raises: InvalidUscc.
    """
    compact = stdnum_uscc.compact(unicodedata.normalize("NFKC", text))
    if compact[:1].isdigit():
        try:
            return str(stdnum_uscc.validate(compact))
        except ValidationError as error:
            raise InvalidUscc("not a unified social credit code") from error
    if compact[:1] not in _LETTER_AUTHORITIES or not _well_formed(compact) or compact[-1] != check_character(compact):
        raise InvalidUscc("not a unified social credit code")
    return compact


def check_character(code: str) -> str:
    """The 18th character that belongs to the first 17 (GB 32100-2015, annex: weights 3^(i-1) mod 31)."""
    total = sum(_ALPHABET.index(character) * weight for character, weight in zip(code, _WEIGHTS, strict=False))
    return _ALPHABET[-total % 31]


def scope_of(uscc: str) -> str:
    """The division-code prefix a code was registered in: characters 3-8 without trailing `00` pairs.

    `913101170000000000` → `310117`; a code of Shanghai itself (`310000`) → `31`. Six zeros give "":
    registered by a national authority, no scope of its own.
    """
    division = uscc[2:8]
    while division.endswith("00"):
        division = division[:-2]
    return division


def _well_formed(compact: str) -> bool:
    return (
        len(compact) == 18
        and all(character in _ALPHABET for character in compact)
        and compact[2:8].isdigit()
        and compact[2:8].isascii()
    )
