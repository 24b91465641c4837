"""The columns of a table of wishes: which headings name which field of a wish."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from wish_service.web.sheets.table import Row
from wish_service.web.texts_of_sheets import SHEETS


@dataclass(frozen=True)
class Column:
    """field: its path in the body of a new wish. also: what people call it besides our own two headings."""

    field: str
    also: tuple[str, ...] = ()
    required: bool = False

    @property
    def headings(self) -> tuple[str, str]:
        """(中文, English)."""
        return SHEETS[f"sheet.column.{self.field}"]


COLUMNS: Final = (
    Column("title", ("心愿", "心愿名称", "微心愿", "心愿标题", "wish"), required=True),
    Column("detail", ("详情", "详细说明", "内容", "心愿内容", "心愿说明", "description", "details")),
    Column("category", ("分类", "类型", "心愿类别", "type"), required=True),
    Column("community", ("社区代码", "社区名称", "所属社区", "居委会", "社区居委会", "community code"), required=True),
    Column("contact.name", ("姓名", "联系人姓名", "居民姓名", "name"), required=True),
    Column(
        "contact.phone", ("手机", "手机号", "手机号码", "联系电话", "电话号码", "mobile", "telephone"), required=True
    ),
    Column("contact.address", ("住址", "家庭住址", "详细地址", "居住地址"), required=True),
    Column("beneficiary.relation", ("受益人关系", "与受益人关系", "与联系人关系", "关系", "relation")),
    Column("beneficiary.under_14", ("未满14岁", "未满14周岁", "未满十四周岁", "under 14")),
    Column("slots", ("名额", "需要几个单位", "需要单位数", "places")),
    Column("estimated_value", ("估价", "估值", "价值", "金额", "预估金额", "预估价值", "estimated value", "value")),
    Column("on_behalf", ("代提", "是否代为提出", "代办")),
    Column("on_behalf.basis", ("同意方式", "怎样知道本人同意", "consent basis")),
    Column("on_behalf.note", ("代提说明", "同意说明", "consent note")),
    Column("consents.publishing", ("公开同意", "同意公开标题和说明", "consent to publishing")),
    Column("consents.sensitive", ("同意使用电话和住址", "敏感信息同意", "consent to use of contact")),
    Column("consents.guardian", ("监护人已同意", "guardian agrees")),
    Column("guardian.name", ("监护人姓名",)),
    Column("guardian.relation", ("监护人与本人关系", "relation of guardian")),
    Column("public_name", ("公开名称", "公开的称呼", "shown name")),
    Column("campaign", ("活动", "活动名称", "参加的活动", "theme")),
)

_IN_BRACKETS = re.compile(r"[(\[【].*?[)\]】]")
_NOT_WORDS = re.compile(r"[\s_*:：\-—·./?？]+")


def plain_heading(text: str) -> str:
    """The heading for comparing: width, case, blanks, marks and what stands in brackets don't matter."""
    return _NOT_WORDS.sub("", _IN_BRACKETS.sub("", unicodedata.normalize("NFKC", text))).casefold()


_BY_HEADING: Final = {
    plain_heading(name): column for column in COLUMNS for name in (*column.headings, *column.also, column.field)
}


def column_of(heading: str) -> Column | None:
    """The column that a heading names, or None."""
    return _BY_HEADING.get(plain_heading(heading))


@dataclass(frozen=True)
class Layout:
    """Where a file keeps what. ignored, repeated: indexes of columns that nobody knows, or that name a field again."""

    at: dict[str, int]
    ignored: tuple[int, ...]
    repeated: tuple[int, ...]

    @property
    def missing(self) -> list[Column]:
        """Columns that a table of wishes must have, and this one hasn't."""
        return [column for column in COLUMNS if column.required and column.field not in self.at]


def layout_of(headings: Row) -> Layout:
    """Which column holds which field; the first of a field counts."""
    at: dict[str, int] = {}
    ignored: list[int] = []
    repeated: list[int] = []
    for index, cell in enumerate(headings.cells):
        column = column_of(cell.text)
        if column is None:
            ignored += [index] if cell.filled else []
        elif column.field in at:
            repeated.append(index)
        else:
            at[column.field] = index
    return Layout(at, tuple(ignored), tuple(repeated))
