"""Files as people send them, and the reader of one member of staff."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook

from microwish.events.wish import CampaignColour
from microwish.web.common_texts import COMMON_TEXTS
from microwish.web.pages.texts import KIT_TEXTS
from wish_service.domain.campaign import Campaign
from wish_service.domain.divisions import Division
from wish_service.web.sheets.reading import read_table
from wish_service.web.sheets.rows import Sheet, SheetReader
from wish_service.web.sheets.table import Limits
from wish_service.web.sheets.values import CampaignNames, CommunityNames
from wish_service.web.texts import TEXTS

HEADINGS = ("标题", "类别", "社区", "联系人", "电话", "地址")
GOOD = ("想要一台收音机", "物品", "龙潭社区", "王秀英", "13912345678", "三弄 5 号")
TREE = [
    Division("310117", "松江区"),
    Division("310117001", "岳阳街道", "310117"),
    Division("310117001001", "龙潭社区居委会", "310117001"),
    Division("310117001002", "幸福社区居委会", "310117001"),
    Division("310117005", "广富林街道", "310117"),
    Division("310117005001", "幸福社区居委会", "310117005"),
]

_SPRING = (date(2026, 1, 20), date(2026, 2, 20))
CAMPAIGNS = CampaignNames(
    [
        Campaign("spring-here", "春节微心愿", CampaignColour.RED, "", *_SPRING, "310117005"),
        Campaign("spring-past", "春节微心愿", CampaignColour.RED, "", date(2025, 1, 20), date(2025, 2, 20), "310117"),
        Campaign("spring-elsewhere", "春节微心愿", CampaignColour.RED, "", *_SPRING, "310117001"),
    ],
    date(2026, 2, 1),
)


@pytest.fixture
def good() -> tuple[str, ...]:
    return GOOD


@pytest.fixture
def csv_file() -> Callable[..., bytes]:
    def make(*rows: Sequence[Any], headings: Sequence[str] = HEADINGS, encoding: str = "utf-8") -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text).writerows([headings, *rows])
        return text.getvalue().encode(encoding)

    return make


@pytest.fixture
def xlsx_file() -> Callable[..., bytes]:
    def make(*rows: Sequence[Any], headings: Sequence[str] = HEADINGS) -> bytes:
        book = Workbook()
        for row in (headings, *rows):
            book.active.append(list(row))
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    return make


@pytest.fixture
def sheet_of() -> Callable[..., Sheet]:
    def read(data: bytes, *, serves: str = "310117", language: Any = "zh", limits: Limits | None = None) -> Sheet:
        names = CommunityNames(TREE, lambda code: code.startswith(serves))
        catalogue = TEXTS.with_base(KIT_TEXTS).with_base(COMMON_TEXTS)
        return SheetReader(read_table(data, limits or Limits()), names, CAMPAIGNS, catalogue, language).read()

    return read
