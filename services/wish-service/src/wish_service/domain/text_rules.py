"""What the words of a wish may not ask for or give away (design, section 9)."""

import re
import unicodedata

from wish_service.domain.errors import Fault

_MONEY = re.compile(
    r"现金|借钱|借款|贷款|网贷|房贷|筹款|筹钱|募捐|众筹|捐款|生活费|还债|欠款|欠债|要钱|发钱"
    r"|(?:给|打|转|汇|借)(?:我|他|她|我们|点|些|一点|一些|一笔|笔)*(?:钱|款)(?!包)"
    r"|(?:发|给|要|领)(?:我|个|一个)*红包"
    r"|(?:购物|礼品|储值|充值|超市|加油|提货|话费)卡|代金券|提货券"
)
_WARNING = re.compile(r"诈骗|防骗|反诈|被骗|骗子|骗局")
_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)")
_ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?![0-9A-Za-z])")


def asks_for_money(text: str) -> bool:
    """Whether the text asks for cash, cards or loans. Wishes to learn how not to be cheated don't."""
    normal = unicodedata.normalize("NFKC", text)
    return bool(_MONEY.search(normal)) and not _WARNING.search(normal)


def gives_away_a_number(text: str) -> bool:
    """Whether a phone or an identity number stands in the text."""
    normal = unicodedata.normalize("NFKC", text)
    return bool(_PHONE.search(normal) or _ID_NUMBER.search(normal))


def money_faults(**texts: str | None) -> list[Fault]:
    """The fields that ask for money."""
    return [Fault(name, "field.money") for name, text in texts.items() if text and asks_for_money(text)]


def number_faults(**texts: str | None) -> list[Fault]:
    """The fields, meant for everybody's eyes, that hold a phone or identity number."""
    return [Fault(name, "field.number_in_text") for name, text in texts.items() if text and gives_away_a_number(text)]


def value_faults(estimated_value_fen: int | None, ceiling_fen: int) -> list[Fault]:
    """A value above the district's ceiling; both in fen (1/100 yuan)."""
    if estimated_value_fen is None or estimated_value_fen <= ceiling_fen:
        return []
    return [Fault("estimated_value_fen", "field.value_too_high", {"ceiling_yuan": f"{ceiling_fen / 100:g}"})]
