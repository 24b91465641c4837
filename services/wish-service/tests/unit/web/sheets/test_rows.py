"""Rows to wishes, and every fault with its row, its column and its words."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from microwish.events import Category
from wish_service.domain.wish import NOT_RECORDED, Consents
from wish_service.web.sheets.columns import COLUMNS, column_of, plain_heading
from wish_service.web.sheets.formulas import guarded, unguarded
from wish_service.web.sheets.table import UnusableFile

Make = Callable[..., Any]


def faults(sheet: Any) -> list[tuple[int, str, str, str]]:
    return [(one.row, one.column, one.heading, one.code) for one in sheet.findings]


def test_a_good_row_is_a_wish_on_behalf_of_its_resident(
    csv_file: Make, xlsx_file: Make, sheet_of: Make, good: Any
) -> None:
    for make in (csv_file, xlsx_file):
        (row,) = sheet_of(make(good)).rows
        wish = row.wish
        assert row.number == 2
        assert (wish.title, wish.category, wish.community) == ("想要一台收音机", Category.GOODS, "310117001001")
        assert (wish.contact.name, wish.contact.phone, wish.contact.address) == ("王秀英", "13912345678", "三弄 5 号")
        assert (wish.slots, wish.on_behalf, wish.consents) == (1, True, NOT_RECORDED)


def test_every_column_is_read(csv_file: Make, sheet_of: Make) -> None:
    full = {
        "title": "陪聊天",
        "detail": "周末\n下午",
        "category": "companionship",
        "community": "310117005001",
        "contact.name": "李芳",
        "contact.phone": "021-5555 0100",
        "contact.address": "六弄 1 号",
        "beneficiary.relation": "孙女",
        "beneficiary.under_14": "是",
        "slots": "3",
        "estimated_value": "￥1,200.50 元",
        "on_behalf": "是",
        "on_behalf.basis": "电话",
        "on_behalf.note": "电话里说的",
        "consents.publishing": "√",
        "consents.sensitive": "同意",
        "consents.guardian": "yes",
        "guardian.name": "李芳",
        "guardian.relation": "母亲",
        "public_name": "李阿姨",
        "campaign": "春节 微心愿",
    }
    assert list(full) == [column.field for column in COLUMNS]
    for which in (0, 1):
        headings = [column.headings[which] for column in COLUMNS]
        (row,) = sheet_of(csv_file(list(full.values()), headings=headings)).rows
        wish = row.wish
        assert (wish.detail, wish.category, wish.contact.phone) == ("周末\n下午", Category.COMPANIONSHIP, "02155550100")
        assert (wish.beneficiary, wish.for_child, wish.slots) == ("孙女", True, 3)
        assert (wish.estimated_value_fen, wish.on_behalf, wish.public_name) == (120_050, True, "李阿姨")
        assert wish.campaign_id == "spring-here"
        assert wish.consents == Consents(True, True, True, "by_telephone", "电话里说的", "李芳", "母亲")


def test_headings_are_known_by_any_of_their_names() -> None:
    for column in COLUMNS:
        for name in (*column.headings, *column.also, column.field):
            assert column_of(f" {name}＊（必填）:") == column
    names = [name for column in COLUMNS for name in {plain_heading(name) for name in (*column.headings, *column.also)}]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("标题", "", "missing"),
        ("标题", "长" * 61, "string_too_long"),
        ("类别", "汽车", "category_unknown"),
        ("社区", "没有社区", "community_unknown"),
        ("社区", "幸福社区", "community_ambiguous"),
        ("社区", "3.10117E+11", "mangled_number"),
        ("社区", "31011700", "string_pattern_mismatch"),
        ("电话", "1.38E+10", "mangled_number"),
        ("电话", "1.39123E10", "mangled_number"),
        ("电话", "1391234567", "invalid_phone"),
        ("联系人", "", "missing"),
        ("地址", "址" * 121, "string_too_long"),
    ],
)
def test_a_bad_cell_is_named_by_row_column_and_code(
    csv_file: Make, sheet_of: Make, good: Any, column: str, value: str, code: str
) -> None:
    at = ("标题", "类别", "社区", "联系人", "电话", "地址").index(column)
    bad = [*good[:at], value, *good[at + 1 :]]
    sheet = sheet_of(csv_file(good, bad, good))
    assert faults(sheet) == [(3, "ABCDEF"[at], column, code)]
    assert [row.number for row in sheet.rows] == [2, 4]
    told = sheet.findings[0].told()
    assert told["field"].startswith("rows.3.")
    assert told["message"]
    assert "{" not in told["message"]


def test_a_campaign_is_meant_by_its_name_at_the_place_of_the_wish(csv_file: Make, sheet_of: Make, good: Any) -> None:
    named = [(*good, name) for name in ("春节微心愿", "spring-past", "", "中秋微心愿")]
    sheet = sheet_of(csv_file(*named, headings=("标题", "类别", "社区", "联系人", "电话", "地址", "主题活动")))
    assert [row.wish.campaign_id for row in sheet.rows] == ["spring-elsewhere", "spring-past", None]
    assert faults(sheet) == [(5, "G", "主题活动", "no_such_campaign")]


def test_all_faults_of_all_rows_are_told_at_once(csv_file: Make, sheet_of: Make) -> None:
    headings = ("标题", "类别", "社区", "联系人", "电话", "地址", "需要几家", "预计价值（元）", "同意公开", "未满14岁")
    rows = [
        ["", "物品", "龙潭社区", "王", "1", "三弄", "0", "很多", "也许", ""],
        ["好", "", "", "王", "13912345678", "三弄", "1.5", "50", "是", "是"],
    ]
    assert faults(sheet_of(csv_file(*rows, headings=headings))) == [
        (2, "H", "预计价值（元）", "yuan"),
        (2, "I", "同意公开", "yes_or_no"),
        (2, "A", "标题", "missing"),
        (2, "E", "电话", "invalid_phone"),
        (2, "G", "需要几家", "greater_than_equal"),
        (3, "B", "类别", "missing"),
        (3, "C", "社区", "missing"),
        (3, "", "为谁", "missing"),
        (3, "G", "需要几家", "int_parsing"),
        (3, "", "同意使用联系方式", "missing"),
    ]


def test_of_equal_names_the_one_that_is_served_is_meant(csv_file: Make, sheet_of: Make, good: Any) -> None:
    named = [*good[:2], "幸福社区", *good[3:]]
    (row,) = sheet_of(csv_file(named), serves="310117005").rows
    assert row.wish.community == "310117005001"
    full = [*good[:2], "岳阳街道幸福社区", *good[3:]]
    (row,) = sheet_of(csv_file(full)).rows
    assert row.wish.community == "310117001002"


def test_phones_as_numbers_keep_their_digits_or_are_named(xlsx_file: Make, sheet_of: Make, good: Any) -> None:
    rows = ([*good[:4], value, good[5]] for value in (13912345678, 2155550100, date(2026, 3, 5)))
    sheet = sheet_of(xlsx_file(*rows))
    assert sheet.rows[0].wish.contact.phone == "13912345678"
    assert faults(sheet) == [(3, "E", "电话", "phone_as_number"), (4, "E", "电话", "cell_date")]


def test_columns_nobody_knows_are_told_and_missing_ones_are_faults(csv_file: Make, sheet_of: Make, good: Any) -> None:
    known = ("标题", "类别", "社区", "联系人", "电话", "地址")
    sheet = sheet_of(csv_file([*good, "x", ""], headings=(*known, "备注", "")))
    assert sheet.ignored == [{"column": "G", "heading": "备注"}]
    assert not sheet.findings
    bare = sheet_of(csv_file([*good, "x"], headings=known))
    assert faults(bare) == [(2, "G", "", "no_column")]
    repeated = sheet_of(csv_file([*good, "x"], headings=(*known, "心愿")))
    assert faults(repeated) == [(1, "G", "心愿", "column_repeated")]
    missing = sheet_of(csv_file(["甲"], headings=["标题"]), language="en")
    assert [(one.row, one.heading, one.code) for one in missing.findings] == [
        (1, heading, "column_missing") for heading in ("Category", "Community", "Contact name", "Phone", "Address")
    ]
    assert not missing.rows


def test_a_table_without_rows_is_refused(csv_file: Make, sheet_of: Make) -> None:
    with pytest.raises(UnusableFile) as refused:
        sheet_of(csv_file())
    assert refused.value.faults[0].problem == "file.no_rows"


cells = st.text(max_size=30) | st.sampled_from(
    ["是", "1E9", "¥5", "310117001001", "物品", "'=1", "13912345678", "\x00\ud7ff"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(cells, max_size=18), max_size=4), chosen=st.permutations(COLUMNS))
def test_any_cells_give_wishes_and_faults(csv_file: Make, sheet_of: Make, rows: Any, chosen: Any) -> None:
    headings = [column.headings[0] for column in chosen]
    data = csv_file(*rows, headings=headings, encoding="utf-8")
    try:
        sheet = sheet_of(data)
    except UnusableFile:
        return
    at_fault = {one.row for one in sheet.findings}
    assert at_fault.isdisjoint(row.number for row in sheet.rows)
    assert len(at_fault) + len(sheet.rows) == len(sheet.table.rows)
    assert all(one.message and "{" not in one.message for one in sheet.findings)


@given(st.text(max_size=30).map(str.strip))
def test_guarded_text_is_no_formula_and_comes_back(text: str) -> None:
    kept = guarded(text)
    assert not kept.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert unguarded(kept) == text or text.startswith("'")
