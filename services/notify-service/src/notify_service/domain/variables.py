"""Variables of templates: what each stands for, and of which kind its value is, as carriers have approved it.

A carrier approves a template with the kind of each variable and refuses a message whose value is of another (design,
section 9: at most 20 characters, one line, no links). What people wrote is made to fit before (`fitting`); a value that
does not fit here is a fault of the program, found before a carrier finds it.
"""

import re
from dataclasses import dataclass
from enum import Enum

VARIABLE_MAX = 20
FORBIDDEN = ("评价", "积分兑换", "积分", "返利", "中奖", "贷款", "免费领", "点击领取", "转账", "好评")
LINK = re.compile(r"https?:|www\.|\.(?:com|cn|net|org)\b", re.IGNORECASE)
SEE_PAGE = ("见网页", "see the page")
"""Stands where a value would not fit."""

_DAY = r"(?:\d{1,2} 月 \d{1,2} 日|\d{1,2} [A-Z][a-z]{2})(?: \d{2}:\d{2})?"


class Kind(Enum):
    """What a value may look like, and the longest that it may be."""

    TITLE = (r"[^\r\n]+", VARIABLE_MAX, "一台能收戏曲频道还带大按键的老式收音机呀")
    """Words that somebody chose: a wish, an organisation."""
    NAME = (r"[^\r\n]+", VARIABLE_MAX, "买买提·艾合买提江·吐尔逊阿吉先生女士")
    """A person."""
    PHRASE = (r"[^\r\n]+", VARIABLE_MAX, "居民说还没有收到请再联系一下看看差在哪里")
    """A few words of ours."""
    NUMBER = (r"[0-9A-Z]{1,6}", 6, "1C1465")
    """The short number of a wish."""
    COUNT = (r"\d{1,6}", 6, "123456")
    DATE = (_DAY, VARIABLE_MAX, "12 月 24 日 18:30")
    """A day, and perhaps a time of it."""
    CODE = (r"\d{4,8}", 8, "48271305")
    """Digits that are told or typed."""
    PHONE = (r"[0-9+() \-转]{3,20}", VARIABLE_MAX, "021-55501000转8001")
    """A number to call."""

    def __init__(self, form: str, longest: int, example: str) -> None:
        self.form = re.compile(form)
        self.longest = longest
        self.example = example


@dataclass(frozen=True)
class Variable:
    """kind: of its values. chinese, english: what it stands for."""

    kind: Kind
    chinese: str
    english: str

    def fault(self, value: str) -> str | None:
        """What is wrong with a value, if anything."""
        if value in SEE_PAGE:
            return None
        if len(value) > self.kind.longest:
            return f"longer than {self.kind.longest} characters"
        if not self.kind.form.fullmatch(value):
            return f"not of the kind {self.kind.name.lower()}"
        if LINK.search(value):
            return "a link"
        return "a forbidden word" if any(word in value for word in FORBIDDEN) else None


class UnfitValue(ValueError):
    """A value is not of the kind of its variable. Never with the value itself: it may be personal."""


VARIABLES: dict[str, Variable] = {
    "code": Variable(Kind.CODE, "登录验证码", "sign-in code"),
    "number": Variable(Kind.NUMBER, "心愿编号", "number of the wish"),
    "title": Variable(Kind.TITLE, "心愿", "the wish"),
    "organisation": Variable(Kind.TITLE, "单位", "organisation"),
    "handler": Variable(Kind.NAME, "上门的人", "who comes"),
    "office_phone": Variable(Kind.PHONE, "单位电话", "office phone"),
    "door_code": Variable(Kind.CODE, "上门核验码", "code at the door"),
    "due": Variable(Kind.DATE, "完成日期", "day it is due"),
    "role": Variable(Kind.PHRASE, "身份", "role"),
    "allowed": Variable(Kind.COUNT, "可办数", "how many"),
    "submitted": Variable(Kind.COUNT, "待审数", "wishes to review"),
    "adopted": Variable(Kind.COUNT, "认领数", "wishes claimed"),
    "posted": Variable(Kind.COUNT, "新心愿数", "new wishes"),
    "count": Variable(Kind.COUNT, "新消息数", "pieces of news"),
    "newest": Variable(Kind.PHRASE, "最新消息", "latest news"),
}
"""Every variable that a template may use."""
EXAMPLES = {name: variable.kind.example for name, variable in VARIABLES.items()}
"""As long as values get."""
