"""Ids and numbers as people read them aloud."""


def short_number(identifier: str) -> str:
    """The number of a thing beside which messages write it too: the last six characters of its id, capitals."""
    return identifier.replace("-", "")[-6:].upper()


def readable_phone(digits: str) -> str:
    """A normalised phone in groups: `139 0001 0014`, `021-5555 2121`; anything else (a masked one) as it is."""
    if not (digits.isascii() and digits.isdigit()):
        return digits
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    if not digits.startswith("0"):
        return digits
    area = 3 if digits.startswith(("010", "02")) else 4
    return f"{digits[:area]}-{digits[area:-4]} {digits[-4:]}"
