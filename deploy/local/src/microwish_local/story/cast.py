"""The people and the organisation of one performance, invented afresh each time so that it can be played again."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from microwish.privacy.uscc import check_character
from microwish_local.environment import ADMIN_PHONE

_ORGANISATION_CODE_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
DISTRICT = "310117"


@dataclass(frozen=True)
class Cast:
    """Who plays: phones that nobody else uses, and an organisation that nobody has registered."""

    resident_phone: str
    resident_name: str
    address: str
    staff_phone: str
    manager_phone: str
    manager_name: str
    organisation_name: str
    uscc: str

    @classmethod
    def invented(cls, random: Random) -> Cast:
        """A cast by chance."""
        resident, manager = random.sample(range(10_000_000, 99_999_999), 2)
        return cls(
            resident_phone=f"150{resident}",
            resident_name=random.choice("沈陆顾金姚俞戴") + random.choice(("桂兰", "根宝", "秀英", "阿福", "美珍")),
            address=f"望湖路{random.randrange(10, 990)}弄{random.randrange(1, 60)}号{random.randrange(1, 7)}02室",
            staff_phone=ADMIN_PHONE,
            manager_phone=f"151{manager}",
            manager_name=random.choice("陈林周吴郑王冯") + random.choice(("建国", "晓燕", "志强", "敏", "海峰")),
            organisation_name=f"暖光家电维修部第{random.randrange(1, 100_000)}店",
            uscc=invented_uscc(random.randrange(10_000_000)),
        )


def invented_uscc(number: int) -> str:
    """A valid unified social credit code of a company of the district (GB 32100-2015, with GB 11714's inner check)."""
    body = f"8{number:07d}"
    inner = (11 - sum(int(digit) * weight for digit, weight in zip(body, _ORGANISATION_CODE_WEIGHTS, strict=True))) % 11
    code = f"91{DISTRICT}{body}{'X' if inner == 10 else inner}"
    return code + check_character(code)
