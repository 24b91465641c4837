"""Message templates: versioned, in Chinese and English, checked as a whole before anything is sent.

Carriers approve a text beforehand: its links are fixed, its variables short and of a kind (`domain/variables.py`), and
words such as 评价 or 积分兑换 are refused (design, section 9). WeChat shows a title and fields of ≤ 20 characters, each
on one line. `[site]` in a text is replaced when the catalogue is made, before approval: it is never a variable. A text
with links to pages in large print is a form of its own, approved like the usual one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from notify_service.domain.variables import (
    FORBIDDEN,
    LINK,
    VARIABLES,
    UnfitValue,
)
from notify_service.domain.variables import VARIABLE_MAX as VARIABLE_MAX

Language = Literal["zh", "en"]

SMS_MAX = 300
SIGN = "【微心愿】"
SITE = "[site]"
LARGE = "?large=on"
"""What a link ends in that leads to pages in large print."""

_VARIABLE = re.compile(r"\{([a-z_]+)\}")
_VERSIONED = re.compile(r"[a-z_]+\.v[1-9]\d*")
_LINK_HERE = re.compile(r"\[site\](?:/[a-z/]*)?")


class TemplateFaults(Exception):
    """The catalogue can't be used; `faults` lists everything that is wrong, so that one look is enough."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("message templates: " + "; ".join(faults))
        self.faults = list(faults)


class MissingVariable(KeyError):
    """A template needs a value that wasn't given: a fault of the program."""


@dataclass(frozen=True)
class Template:
    """One message in two languages.

    sms: the text after the sign. wechat: its title. fields: the variables that WeChat shows, in order.
    """

    id: str
    sms: tuple[str, str]
    wechat: tuple[str, str] = ("", "")
    fields: tuple[str, ...] = ()
    note: tuple[str, str] = ("", "")

    @property
    def of_sms(self) -> tuple[str, ...]:
        """The variables of its text, each once, as they first stand in the Chinese one."""
        return tuple(dict.fromkeys(_VARIABLE.findall(self.sms[0])))

    @property
    def variables(self) -> frozenset[str]:
        """What it needs to be told."""
        return frozenset(_VARIABLE.findall(self.sms[0])) | frozenset(self.fields)


class Templates:
    """The catalogue, whole and checked. Raises at making: TemplateFaults."""

    def __init__(self, templates: Sequence[Template], *, site: str) -> None:
        if faults := faults_of_all(templates):
            raise TemplateFaults(faults)
        self.site = site.rstrip("/")
        self._by_id = {template.id: template for template in templates}

    def __contains__(self, id: object) -> bool:
        return id in self._by_id

    def ids(self) -> list[str]:
        """All of them, in the order of the catalogue."""
        return list(self._by_id)

    def variables(self, id: str) -> frozenset[str]:
        """What the template needs."""
        return self._by_id[id].variables

    def positions(self, id: str) -> tuple[str, ...]:
        """The variables of its SMS, each once, as they first stand in the Chinese text: carriers number them so."""
        return self._by_id[id].of_sms

    def fields(self, id: str) -> tuple[str, ...]:
        """The variables that its WeChat card shows, in order."""
        return self._by_id[id].fields

    def title(self, id: str, language: Language = "zh") -> str:
        """What the message is about, in a few words; the id itself for a template of another release."""
        return _pick(self._by_id[id].wechat, language) if id in self._by_id else id

    def sms(self, id: str, values: Mapping[str, str], language: Language = "zh", *, large: bool = False) -> str:
        """The text as a phone shows it. large: its links lead to large print. Raises: MissingVariable, UnfitValue."""
        return SIGN + _filled(self._linked(_pick(self._by_id[id].sms, language), large), values)

    def wechat(self, id: str, values: Mapping[str, str], language: Language = "zh", *, large: bool = False) -> str:
        """Title, one line per field, and the fixed note, as a WeChat card shows them. Raises: like `sms`."""
        template = self._by_id[id]
        colon = "：" if language == "zh" else ": "
        shown = [meaning(name, language) + colon + _filled(f"{{{name}}}", values) for name in template.fields]
        lines = [_pick(template.wechat, language), *shown]
        if note := _pick(template.note, language):
            lines.append(self._linked(note, large))
        return "\n".join(lines)

    def _linked(self, text: str, large: bool) -> str:
        end = LARGE if large else ""
        return _LINK_HERE.sub(lambda link: link.group().replace(SITE, self.site) + end, text)


def meaning(variable: str, language: Language) -> str:
    """What a variable stands for."""
    return VARIABLES[variable].english if language == "en" else VARIABLES[variable].chinese


def is_link(text: str) -> bool:
    """Whether the text leads anywhere."""
    return SITE in text


def fitting(value: str, *, otherwise: str) -> str:
    """A value as carriers take it: one line, at most 20 characters, no link, no forbidden word (else `otherwise`)."""
    flat = " ".join(value.split())
    if not flat or LINK.search(flat) or any(word in flat for word in FORBIDDEN):
        return otherwise
    return flat if len(flat) <= VARIABLE_MAX else flat[: VARIABLE_MAX - 1] + "…"


def faults_of_all(templates: Sequence[Template]) -> list[str]:
    """Everything that is wrong with any of them, or with all together."""
    ids = [template.id for template in templates]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    return [
        *(fault for template in templates for fault in faults_of(template)),
        *(f"{one}: defined twice" for one in twice),
    ]


def faults_of(template: Template) -> list[str]:
    """Everything that a carrier or a reader would stumble over."""
    faults = []
    if not _VERSIONED.fullmatch(template.id):
        faults.append("the id is not <name>.v<number>")
    chinese, english = (set(_VARIABLE.findall(text)) for text in template.sms)
    if chinese != english:
        faults.append(f"the languages differ in their variables: {sorted(chinese ^ english)}")
    faults += [f"unknown variable {name}" for name in sorted((chinese | set(template.fields)) - VARIABLES.keys())]
    for text in (*template.sms, *template.wechat, *template.note):
        faults += _text_faults(text)
    if template.fields and not all(template.wechat):
        faults.append("WeChat fields without a title")
    faults += [
        f"WeChat title over {VARIABLE_MAX}: {title}" for title in template.wechat[:1] if len(title) > VARIABLE_MAX
    ]
    if not all(template.sms):
        faults.append("a language is empty")
    return [f"{template.id}: {fault}" for fault in faults]


def _text_faults(text: str) -> list[str]:
    faults = [f"forbidden word {word}" for word in FORBIDDEN if word in text]
    if len(text) > SMS_MAX:
        faults.append(f"longer than {SMS_MAX} characters")
    if "\n" in text:
        faults.append("line break")
    if LINK.search(text):
        faults.append(f"an address other than {SITE}")
    # An address must be whole before approval: nothing variable may touch it.
    if re.search(r"\[site\][\w/.-]*\{|\}[\w/.-]*\[site\]", text):
        faults.append("a variable inside a link")
    return faults


def _pick(pair: tuple[str, str], language: Language) -> str:
    return pair[1] if language == "en" else pair[0]


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name in _VARIABLE.findall(text):
        if name in values and (fault := VARIABLES[name].fault(values[name])):
            raise UnfitValue(f"{name}: {fault}")
    try:
        return text.format_map(values)
    except KeyError as missing:
        raise MissingVariable(str(missing)) from missing
