"""Server-side masking: what a page may show of personal data to someone who may not read it."""

import re

from microwish.privacy.phones import is_mobile

_MASK = "*"
_ADDRESS_HEAD = re.compile(r".*?(?:街道|镇|乡|社区|小区|新村|路|街)")


def mask_phone(phone: str) -> str:
    """`13912345678` → `139****5678`; anything else keeps its last two characters."""
    if is_mobile(phone):
        return f"{phone[:3]}{_MASK * 4}{phone[-4:]}"
    if len(phone) <= 4:
        return _MASK * len(phone)
    return _MASK * (len(phone) - 2) + phone[-2:]


def mask_name(name: str) -> str:
    """`王小明` → `王**`: the first character stays; a single character is masked whole."""
    name = name.strip()
    if len(name) <= 1:
        return _MASK * len(name)
    return name[0] + _MASK * (len(name) - 1)


def mask_address(address: str) -> str:
    """`龙潭社区三弄 5 号 301 室` → `龙潭社区******`: the part everyone in the area shares, then a fixed mask.

    Without a recognisable community or road nothing is shown: the mask has the same length always,
    so that it tells nothing of what it hides.
    """
    address = address.strip()
    if not address:
        return ""
    head = _ADDRESS_HEAD.match(address)
    shown = head.group(0) if head and len(head.group(0)) < len(address) else ""
    if any(character.isdigit() for character in shown):
        shown = ""
    return shown + _MASK * 6
