"""Templates are what carriers take, and say what people need."""

import re

import pytest

from notify_service.domain.catalogue import catalogue
from notify_service.domain.templates import (
    SMS_MAX,
    VARIABLE_MAX,
    MissingVariable,
    Template,
    TemplateFaults,
    Templates,
    faults_of,
    fitting,
)
from notify_service.domain.texts import TEMPLATES
from notify_service.domain.variables import EXAMPLES, VARIABLES, UnfitValue

SITE = "http://127.0.0.1:8000"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
def test_it_has_no_faults_and_stays_short_with_the_longest_values(template: Template) -> None:
    assert faults_of(template) == []
    templates = catalogue(SITE)
    for language in ("zh", "en"):
        assert len(templates.sms(template.id, EXAMPLES, language)) <= SMS_MAX + 5 * VARIABLE_MAX
        assert "{" not in templates.sms(template.id, EXAMPLES, language)
        assert "[site]" not in templates.wechat(template.id, EXAMPLES, language)


@pytest.mark.parametrize("template", [one for one in TEMPLATES if one.fields], ids=lambda template: template.id)
def test_a_wechat_card_has_short_fields_on_one_line_each(template: Template) -> None:
    title, *lines = catalogue(SITE).wechat(template.id, EXAMPLES, "zh").split("\n")
    assert 0 < len(title) <= VARIABLE_MAX
    for line in lines[: len(template.fields)]:
        assert len(line.partition("：")[2]) <= VARIABLE_MAX


def test_the_resident_learns_who_comes_and_how_to_be_safe() -> None:
    values = {
        "title": "收音机",
        "organisation": "邮政所",
        "handler": "李明",
        "office_phone": "02155550100",
        "due": "6 月 28 日",
    }
    text = catalogue(SITE).sms("wish_adopted.v1", {**values, "door_code": "4827"})
    for part in (*values.values(), "4827", "核验码", "不收任何费用，不问银行卡和验证码", f"{SITE}/mine"):
        assert part in text


def test_a_sign_in_code_stands_alone_among_the_digits() -> None:
    text = catalogue(SITE).sms("signin_code.v1", {"code": "482713"})
    assert re.findall(r"\d{6}", text) == ["482713"]


def test_all_faults_are_told_at_once() -> None:
    bad = (
        Template("no version", ("积分兑换 {title}", "{other}")),
        Template("link.v1", ("[site]/w/{title}", "see http://elsewhere {title}")),
        Template("twice.v1", ("好", "ok"), ("标题太长" * 6, "t"), ("title",)),
        Template("twice.v1", ("好", "ok")),
    )
    with pytest.raises(TemplateFaults) as caught:
        Templates(bad, site=SITE)
    told = "\n".join(caught.value.faults)
    for fault in (
        "not <name>.v<number>",
        "languages differ",
        "forbidden word 积分兑换",
        "variable inside a link",
        "an address other than",
        "WeChat title over",
        "twice.v1: defined twice",
    ):
        assert fault in told


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("收音机", "收音机"),
        ("两 行\n文字", "两 行 文字"),
        ("长" * 30, "长" * 19 + "…"),
        ("看 http://x.com", "心愿"),
        ("积分兑换礼品", "心愿"),
        ("", "心愿"),
    ],
)
def test_values_are_made_to_fit(value: str, fits: str) -> None:
    assert fitting(value, otherwise="心愿") == fits


def test_a_missing_value_is_a_fault_of_the_program() -> None:
    with pytest.raises(MissingVariable):
        catalogue(SITE).sms("wish_adopted.v1", {"title": "x"})


@pytest.mark.parametrize("name", VARIABLES)
def test_the_longest_value_of_a_variable_is_of_its_kind(name: str) -> None:
    assert VARIABLES[name].fault(EXAMPLES[name]) is None


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("title", "长" * 21, "longer than 20 characters"),
        ("title", "两行\n文字", "not of the kind title"),
        ("title", "看 www.x.cn", "a link"),
        ("newest", "积分兑换", "a forbidden word"),
        ("count", "三条", "not of the kind count"),
        ("count", "1234567", "longer than 6"),
        ("due", "明天", "not of the kind date"),
        ("due", "2026-12-24", "not of the kind date"),
        ("code", "48 27", "not of the kind code"),
        ("number", "1c1465", "not of the kind number"),
        ("office_phone", "问门卫", "not of the kind phone"),
    ],
)
def test_a_value_of_another_kind_is_never_sent_and_never_quoted(name: str, value: str, fault: str) -> None:
    found = VARIABLES[name].fault(value)
    assert found is not None
    assert found.startswith(fault)
    template = next(one for one in TEMPLATES if name in one.variables)
    with pytest.raises(UnfitValue, match=name) as caught:
        catalogue(SITE).sms(template.id, {**EXAMPLES, name: value})
    assert value not in str(caught.value)


def test_large_print_is_a_form_of_every_link_and_of_nothing_else() -> None:
    templates = catalogue(SITE)
    usual, large = (templates.sms("wish_posted.v1", EXAMPLES, large=large) for large in (False, True))
    assert large == usual.replace(f"{SITE}/mine", f"{SITE}/mine?large=on")
    card = templates.wechat("digest_both.v1", EXAMPLES, large=True)
    assert card.endswith(f"打开 {SITE}?large=on 查看")
    assert all(
        templates.sms(one.id, EXAMPLES, large=True).count("?large=on") == one.sms[0].count("[site]")
        for one in TEMPLATES
    )
