"""Our variables under the names that a template approved by WeChat gives them, in the form each kind takes.

The file of approved templates names, for the providers `official` and `mini`, the template's id and,
where they are not the usual ones, its fields: `<id>|title=thing3|number=character_string1`. The usual ones are a
kind by what the variable is and its place on the card: `thing1`, `character_string2`, …

Kinds and lengths: the table of values in WeChat's guide to subscribe messages (developers.weixin.qq.com:
subscribe-message, "参数值内容限制说明"); no field has line breaks, and none of ours more than 20 characters (design,
section 9).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from notify_service.domain.templates import VARIABLE_MAX

_FIELD = re.compile(r"([a-z_]+?)\d{1,3}")
_PAIR = re.compile(r"([a-z_]+)=([a-z_]+\d{1,3})")
_ID = re.compile(r"[A-Za-z0-9_-]{10,100}")
_LIMITS = {"phrase": 5, "name": 10, "phone_number": 17}
_KINDS = {
    "number": "character_string",
    "door_code": "character_string",
    "code": "character_string",
    "office_phone": "phone_number",
    "allowed": "number",
    "submitted": "number",
    "adopted": "number",
    "posted": "number",
}
_USUAL = "thing"
_NOTHING = "—"


class NotACard(Exception):
    """The file of approved templates says something here that can't be read."""


@dataclass(frozen=True)
class Card:
    """An approved template: its id, and the field that each variable stands in."""

    id: str
    fields: Mapping[str, str]

    def data(self, values: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """The fields filled, as the interface wants them. Raises: KeyError for a value that is missing."""
        return {field: {"value": fitted(field, values[variable])} for variable, field in self.fields.items()}


def card_of(entry: str, shown: Sequence[str]) -> Card:
    """Read an entry of the file for a template that shows these variables. Raises: NotACard."""
    template, *pairs = entry.split("|")
    found = [_PAIR.fullmatch(pair.strip()) for pair in pairs]
    if not _ID.fullmatch(template.strip()) or not all(found):
        raise NotACard(entry)
    named = {pair[1]: pair[2] for pair in found if pair}
    if named and (named.keys() != set(shown) or len(set(named.values())) < len(named)):
        raise NotACard(f"{entry}: it has to name a field of its own for each of {', '.join(shown)}")
    return Card(template.strip(), named or usual_fields(shown))


def usual_fields(shown: Sequence[str]) -> dict[str, str]:
    """The names that fields have where the file names none."""
    return {name: f"{_KINDS.get(name, _USUAL)}{place}" for place, name in enumerate(shown, start=1)}


def fitted(field: str, value: str) -> str:
    """A value as a field of this kind takes it: one line, not empty, not too long."""
    found = _FIELD.fullmatch(field)
    kind = found[1] if found else _USUAL
    flat = " ".join(value.split()) or _NOTHING
    if kind in {"date", "time"}:
        flat = re.sub(r"\s*([年月])\s*|\s+(?=日)", r"\1", flat)
    most = _LIMITS.get(kind, VARIABLE_MAX)
    return flat if len(flat) <= most else flat[: most - 1] + "…"
