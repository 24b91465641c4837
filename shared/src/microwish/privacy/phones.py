r"""Phone numbers of the Chinese mainland (mobile `^1[3-9]\d{9}$`; landlines for elders' contacts)."""

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s\-‐-―()./·]+")
_COUNTRY = re.compile(r"^(?:\+86|0086|86(?=1[3-9]\d{9}$))")
_MOBILE = re.compile(r"1[3-9]\d{9}")
# Area codes: 010, 02x with 8 digits after them; others 0[3-9]xx with 7 or 8 digits.
_LANDLINE = re.compile(r"(?:010|02\d)[2-8]\d{7}|0[3-9]\d{2}[2-8]\d{6,7}")


class InvalidPhone(ValueError):
    """The text is neither a mobile number nor a landline number with its area code."""

    code = "invalid_phone"


def normalise_phone(text: str) -> str:
    """Digits only, without country code: `+86 139-1234-5678` becomes `13912345678`.

    Full-width digits count as digits. A landline keeps its area code (`02155550100`);
    after `+86` the area code's leading zero may be missing and is put back.

    Raises: InvalidPhone.
    """
    compact = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    digits = _COUNTRY.sub("", compact)
    if digits != compact and not digits.startswith(("0", "1")):
        digits = "0" + digits
    # 10x is Beijing's area code without its zero, never a mobile prefix.
    if digits != compact and re.fullmatch(r"10[2-8]\d{7}", digits):
        digits = "0" + digits
    if is_mobile(digits) or is_landline(digits):
        return digits
    raise InvalidPhone("not a phone number")


def is_mobile(digits: str) -> bool:
    """Whether a normalised number is a mobile number, so that an SMS can reach it."""
    return digits.isascii() and _MOBILE.fullmatch(digits) is not None


def is_landline(digits: str) -> bool:
    """Whether a normalised number is a landline with its area code."""
    return digits.isascii() and _LANDLINE.fullmatch(digits) is not None
