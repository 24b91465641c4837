"""What in public words could make somebody a target: for staff who review them (design, section 9).

A hint is no refusal: staff read the phrase, the reason and edit the public words. 想要一辆轮椅 names a thing and
gives no hint, 坐轮椅 names a person's state and does.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """Why a phrase should not be public."""

    LIVING_ALONE = "living_alone"
    ILLNESS = "illness"
    DISABILITY = "disability"
    ABSENCE = "absence"
    TIMETABLE = "timetable"
    PLACE = "place"
    PERSON = "person"
    VALUABLES = "valuables"


@dataclass(frozen=True)
class Hint:
    """A phrase of a field, and why it is better left out."""

    field: str
    reason: Reason
    phrase: str


_DAY = (
    r"(?:每天|天天|周[一二三四五六日末]|星期[一二三四五六日天]|礼拜[一二三四五六天]"
    r"|工作日|平时|白天|晚上|夜里|早上|上午|中午|下午|半夜)"
)
_AWAY = (
    r"(?:不在家|没人在家|家里没人(?!会|看得|懂|教|帮|陪)|没人看家|出门在外|出差|上夜班|上班不在"
    r"|才回(?:来|家)|不回家|都上班)"
)
_HOUR = r"(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})(?:点|[:：][0-9]{2})(?:半|多|钟)?"

_PATTERNS: Final = {
    Reason.LIVING_ALONE: re.compile(
        r"独居|独自(?:一人|生活|在家|住)|(?:一个|我一)人(?:住|过|在家|生活)|孤寡|空巢|孤(?:身|老)|无儿无女|没有(?:儿女|子女|孩子)"
        r"|(?:儿女|子女|孩子|儿子|女儿)们?(?:都|全)?(?:在(?:外地|国外|外头)|不在身边)|老伴(?:走了|去世|过世|不在了)|丧偶|无人照[顾看料]"
    ),
    Reason.ILLNESS: re.compile(
        r"癌|肿瘤|化疗|放疗|糖尿病|高血压|心脏病|中风|脑梗|痴呆|老年痴呆|阿尔茨海默|帕金森|抑郁|精神(?:病|分裂)|白内障|尿毒症|透析"
        r"|肺结核|艾滋|肝炎|癫痫|腱鞘炎|关节炎|骨折|手术|开刀|开了刀|住院|出院|卧床|瘫|褥疮|生病|重病|大病|慢性?病|有病|老毛病"
        r"|记性(?:不好|差)|糊涂"
    ),
    Reason.DISABILITY: re.compile(
        r"残疾|残障|残联|失明|盲人|眼盲|(?:眼睛|双眼)看不见|聋|失聪|耳朵听不见"
        r"|哑(?!鼓|铃)|智障|智力|自闭|脑瘫|截肢|假肢|坐(?:着)?轮椅|走不(?:了路|动)|下不了(?:楼|床)"
        r"|起不来床|腿脚不(?:便|好|行|灵)|行动不便|不能自理"
    ),
    Reason.ABSENCE: re.compile(
        rf"{_DAY}?(?:都|家里|我们|爸妈|父母)*{_AWAY}|(?:钥匙|备用钥匙)[^，。,]{{0,6}}(?:地垫|门口|信箱|花盆|邻居)|门(?:不锁|没锁|锁坏)"
    ),
    Reason.TIMETABLE: re.compile(
        rf"{_DAY}[^，。,；;]{{0,4}}{_HOUR}|{_HOUR}(?:[^，。,；;]{{0,3}})(?:到|至|—|-|~){_HOUR}|{_HOUR}[^，。,；;]{{0,4}}(?:出门|回家|放学|下班|上班|睡觉|在家)"
        rf"|{_DAY}(?:都)?(?:在家|出门|去买菜|去锻炼)"
    ),
    Reason.PLACE: re.compile(
        r"[0-9一二三四五六七八九十百]+(?:弄|号楼|栋|幢|单元|室|号门)|[0-9]+号[0-9]+|(?:住在?|家在)[^，。,]{0,8}(?:楼|层|弄|号)|(?:在|读|上)[^，。,的]{2,8}(?:小学|中学|幼儿园)"
    ),
    Reason.PERSON: re.compile(
        r"我(?:叫|是)[\u4e00-\u9fff]{2,3}(?=[，。,、]|$)|姓名|今年[0-9一二三四五六七八九十]{1,3}岁|[0-9]{2}岁(?:的)?(?:老人|老太|老头)"
        r"|[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯董程曹袁邓许沈曾彭吕苏卢蒋蔡陆顾钱陶]"
        r"(?:阿婆|阿公|奶奶|爷爷|大爷|大妈|老伯|阿姨|叔叔|伯伯|老太)"
    ),
    Reason.VALUABLES: re.compile(r"存折|金(?:条|首饰|镯|戒指)|保险箱|养老金(?:都|放|存)|现金放|值钱"),
}


def hints_in(**texts: str | None) -> list[Hint]:
    """The phrases of these fields, in the order of reasons, each once."""
    found: dict[Hint, None] = {}
    for field, text in texts.items():
        normal = unicodedata.normalize("NFKC", text or "")
        for reason, pattern in _PATTERNS.items():
            found |= {Hint(field, reason, match.group()): None for match in pattern.finditer(normal)}
    return list(found)
