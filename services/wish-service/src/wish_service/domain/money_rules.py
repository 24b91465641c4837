"""Whether somebody asks for cash, cards or loans (design, section 9), however they write it.

The writing is made one (full width, signs inside words, traditional forms, common misspellings); then each part of a
sentence is looked at by itself. Words that ask by themselves (借钱, 购物卡) are refused unless the part is about
learning or an errand; words that only may ask (红包, 贷款) unless the sentence is about learning, warning or losing.
Labelled sentences: tests/data/money_sentences.csv.
"""

import re
import unicodedata
from typing import Final


def asks_for_money(text: str) -> bool:
    """Whether a sentence of the text asks for cash, cards or loans."""
    return any(_sentence_asks(sentence) for sentence in _SENTENCE.split(_written_alike(text)))


def _written_alike(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text).lower().translate(_OTHER_FORMS)
    for pattern, word in _OTHER_WORDS:
        normal = pattern.sub(word, normal)
    return normal


def _sentence_asks(sentence: str) -> bool:
    if _WARNS.search(sentence):
        return False
    if _SPREAD.search(sentence) or _OWES_THE_PHONE.search(sentence):
        return True
    around = bool(_ABOUT_IT.search(sentence))
    return any(_part_asks(_BETWEEN.sub("", part), around) for part in _PART.split(sentence))


def _part_asks(part: str, around: bool) -> bool:
    if _ASKS.search(part):
        return not _LEARNS.search(part)
    return not around and bool(_MAY_ASK.search(part))


_SENTENCE: Final = re.compile(r"[。！？!?;；\n]+")
_PART: Final = re.compile(r"[,，、:：]")
_BETWEEN: Final = re.compile(r"[\W_]+")

_OTHER_FORMS: Final = str.maketrans(
    "錢銭現貸歀欵紅費轉賬帳帐匯給幫還資債購話咔苞薇發個萬", "钱钱现贷款款红费转账账账汇给帮还资债购话卡包微发个万"
)
_OTHER_WORDS: Final = (
    (re.compile(r"物ka(?![a-z])"), "物卡"),
    (re.compile(r"[v威]信|(?<![a-z])[vw]x(?![a-z])"), "微信"),
    (re.compile(r"毛爷爷|现钱|(?<![a-z])cash(?![a-z])"), "现金"),
    (re.compile(r"人民币|块钱|元钱"), "元"),
)

_COUNT = r"[0-9零一二两三四五六七八九十百千万几]+多?"
# 一块 is a piece of something, 十块 are coins.
_SUM = rf"(?:{_COUNT}元|[零一二两三四五六七八九十百千万几]*(?:[十百千万]|[0-9]{{2,}})多?块)"
_WHOM = r"(?:我们?家?|你|[他她]们?|孩子|家里|老人|老伴|奶奶|爷爷|妈妈|爸爸|父亲|母亲)"
_SOME = r"(?:一?[点些笔]|个|大|一下|先|再|这个月|上个月|的)*"
_MONEY = r"钱(?!包|罐|币|塘|箱|草)"
_BILL = r"(?:学费|药费|医药费|医疗费|手术费|住院费|治疗费|押金|房租|租金|生活费|护理费|保险费|话费)"
_LOAN = r"(?:贷款?|房贷|车贷|网贷|信用卡|花呗|借呗|白条|债|欠款|欠的(?:债|钱|款))"
_CARD = r"(?:购物|礼品|储值|充值|超市|加油|油|提货|话费|京东|天猫|淘宝|沃尔玛|永辉|盒马|消费|预付)卡"
_HELP = rf"(?:帮忙?|替|代|请){_WHOM}?{_SOME}"

_ASKS: Final = re.compile(
    "|".join(
        (
            rf"(?:借|筹|要|讨|凑|缺|捐|求|零花|压岁|急用){_SOME}{_MONEY}|急需用钱|钱就行|折成钱",
            rf"(?:给|送|付|转|汇|借|支援|赞助|打){_WHOM}?(?:卡上|账户|账号)?{_SOME}(?:{_SUM}(?!店)|{_MONEY})(?!的)",
            rf"(?:给|打|汇|借)给?{_WHOM}?{_SOME}款(?!式|项)|[转汇]款(?:给|到)",
            rf"(?:[借转汇]{_WHOM}?|打{_WHOM}){_COUNT}(?:$|吗|吧|到|给|过来|应急)",
            rf"(?:要|缺|差|周转){_SUM}(?!店|左右|以内|上下|的|档)|周转(?:$|{_COUNT}|一下)",
            rf"欠(?:了|下|人家)?(?:{_SUM}|款|债|钱)|还债",
            rf"{_HELP}(?:交?还|清)(?:上|掉|{_SOME})(?:{_SUM}|{_MONEY}|款|{_LOAN})",
            rf"还(?:不上|清)?{_SOME}(?:网贷|房贷|车贷|贷款|信用卡|花呗|借呗)|(?:网贷|房贷|贷款|信用卡|花呗)还不上",
            r"(?:要|给|点|元)现金|现金(?:[0-9一二两三四五六七八九十百千万]|补助|资助|也行|就行|最好|急用)",
            r"筹款|筹钱|众筹|水滴筹|轻松筹|募捐|捐款|资助|(?:补助|救助|慰问|助学)(?:金|款)",
            rf"(?:发|给|要|领)[点些]?(?:困难)?补[贴助]|借{_WHOM}?个?[百千万]把块",
            rf"(?:缺|没|没有|支援|给|要|凑|付不起|交不起|没钱[交付]|报销|垫付?){_WHOM}?{_SOME}{_BILL}|垫付",
            rf"{_HELP}[付交缴出]{_WHOM}?{_SOME}{_BILL}",
            rf"{_CARD}|代金券|提货券|购物券|消费券|礼券|收款码付|扫我的?收款码",
            rf"(?:{_HELP}|给{_WHOM}?的?(?:手机|游戏)?)充值?{_SOME}(?:{_SUM}|话费|钱)",
            rf"(?:话费|游戏|手机)充值?{_COUNT}|充值{_SUM}",
            r"贷款(?:周转|买|还|做|看病)|(?:小额|申请|办|想)(?:借款|贷款)|担保(?:一笔)?贷款",
        )
    )
)
"""What asks for money in these very words."""

_MAY_ASK: Final = re.compile(
    r"现金(?!盒|箱|账|本|抽屉|收据|柜)|贷款|借款|网贷|房贷|校园贷|红包(?!封|上|袋|装|图案)|微信转账|转账给|生活费|还不上"
    r"|支付宝[打转]"
)
"""What asks for money, unless the sentence is about something else around it."""

_SPREAD: Final = re.compile(
    r"现[\W_]+金|红[\W_]+包|借[\W_]+[我钱]|贷[\W_]+款|转[\W_]+账|物[\W_]+卡|购[\W_]+物[\W_]*卡|话[\W_]+费[\W_]*卡"
)
"""A word with signs between its characters, as nobody writes it by chance."""

_OWES_THE_PHONE: Final = re.compile(r"欠费.{0,8}(?:帮|替|代).{0,4}[交充]")
_LEARNS: Final = re.compile(
    r"学(?:会|用|着|怎|收|发)|想学|教我|教教|请教|怎么|怎样|不会|讲讲|陪|不要钱|不用花钱|自己[付出]"
)
_ABOUT_IT: Final = re.compile(
    r"学|教|讲|听|防|骗|识破|危害|挂失|丢|补办|怎么|怎样|不会|陪|合同|律师|截图|剪纸|图案|不要|不用"
)
_WARNS: Final = re.compile(r"诈骗|防骗|反诈|被骗|骗子|骗局|远离")
