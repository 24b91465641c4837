"""Message templates: versioned, in Chinese and English, checked as a whole before anything is sent.

Carriers approve a text beforehand: its links are fixed, its variables short (≤ 20 characters), and words such as 评价
or 积分兑换 are refused (design, section 9). WeChat shows a title and fields of ≤ 20 characters without line breaks.
`[site]` in a text is replaced when the catalogue is made, before approval: it is never a variable.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]

VARIABLE_MAX = 20
SMS_MAX = 300
SIGN = "【微心愿】"
SITE = "[site]"

FORBIDDEN = ("评价", "积分兑换", "积分", "返利", "中奖", "贷款", "免费领", "点击领取", "转账", "好评")
_VARIABLE = re.compile(r"\{([a-z_]+)\}")
_VERSIONED = re.compile(r"[a-z_]+\.v[1-9]\d*")
_LINK = re.compile(r"https?:|www\.|\.(?:com|cn|net|org)\b", re.IGNORECASE)

VARIABLES: dict[str, tuple[str, str]] = {
    "code": ("登录验证码", "sign-in code"),
    "minutes": ("分钟数", "minutes"),
    "number": ("心愿编号", "number of the wish"),
    "title": ("心愿", "the wish"),
    "organisation": ("单位", "organisation"),
    "handler": ("上门的人", "who comes"),
    "office_phone": ("单位电话", "office phone"),
    "door_code": ("上门核验码", "code at the door"),
    "due": ("完成日期", "day it is due"),
    "role": ("身份", "role"),
    "allowed": ("可办数", "how many"),
    "submitted": ("待审数", "wishes to review"),
    "adopted": ("认领数", "wishes claimed"),
    "posted": ("新心愿数", "new wishes"),
}
"""Every variable that a template may use, with what it stands for."""


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
    def variables(self) -> frozenset[str]:
        """What it needs to be told."""
        return frozenset(_VARIABLE.findall(self.sms[0])) | frozenset(self.fields)


class Templates:
    """The catalogue, whole and checked. Raises at making: TemplateFaults."""

    def __init__(self, templates: Sequence[Template], *, site: str) -> None:
        faults = [fault for template in templates for fault in faults_of(template)]
        ids = [template.id for template in templates]
        faults += [f"{twice}: defined twice" for twice in sorted({one for one in ids if ids.count(one) > 1})]
        if faults:
            raise TemplateFaults(faults)
        self._site = site.rstrip("/")
        self._by_id = {template.id: template for template in templates}

    def __contains__(self, id: object) -> bool:
        return id in self._by_id

    def variables(self, id: str) -> frozenset[str]:
        """What the template needs."""
        return self._by_id[id].variables

    def title(self, id: str, language: Language = "zh") -> str:
        """What the message is about, in a few words; the id itself for a template of another release."""
        return _pick(self._by_id[id].wechat, language) if id in self._by_id else id

    def sms(self, id: str, values: Mapping[str, str], language: Language = "zh") -> str:
        """The text as a phone shows it."""
        template = self._by_id[id]
        return SIGN + _filled(_pick(template.sms, language), values).replace(SITE, self._site)

    def wechat(self, id: str, values: Mapping[str, str], language: Language = "zh") -> str:
        """Title, one line per field, and the fixed note, as a WeChat card shows them."""
        template = self._by_id[id]
        colon = "：" if language == "zh" else ": "
        shown = [_pick(VARIABLES[name], language) + colon + _filled(f"{{{name}}}", values) for name in template.fields]
        lines = [_pick(template.wechat, language), *shown]
        if note := _pick(template.note, language):
            lines.append(note.replace(SITE, self._site))
        return "\n".join(lines)


def fitting(value: str, *, otherwise: str) -> str:
    """A value as carriers take it: one line, at most 20 characters, no link, no forbidden word (else `otherwise`)."""
    flat = " ".join(value.split())
    if not flat or _LINK.search(flat) or any(word in flat for word in FORBIDDEN):
        return otherwise
    return flat if len(flat) <= VARIABLE_MAX else flat[: VARIABLE_MAX - 1] + "…"


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
    if _LINK.search(text):
        faults.append(f"an address other than {SITE}")
    # An address must be whole before approval: nothing variable may touch it.
    if re.search(r"\[site\][\w/.-]*\{|\}[\w/.-]*\[site\]", text):
        faults.append("a variable inside a link")
    return faults


def _pick(pair: tuple[str, str], language: Language) -> str:
    return pair[1] if language == "en" else pair[0]


def _filled(text: str, values: Mapping[str, str]) -> str:
    try:
        return text.format_map(values)
    except KeyError as missing:
        raise MissingVariable(str(missing)) from missing
