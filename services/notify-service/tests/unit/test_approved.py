"""The file of approved templates is read whole: everything that is wrong with it is told at once, at start."""

import json
from pathlib import Path
from typing import Any

import pytest

from notify_service.approved_file import read_approved
from notify_service.domain.approved import CARDS, LANGUAGES, PROVIDERS, needs, shown
from notify_service.domain.catalogue import checked_catalogue
from notify_service.domain.templates import TemplateFaults
from notify_service.domain.texts import TEMPLATES
from notify_service.templates_document import document

SITE = "https://wish.example.org"
IDS = {"alibaba": "SMS_100200300", "tencent": "1002003", "official": "aTemplateOfOurs_1", "mini": "aTemplateOfOurs_2"}


def whole(provider: str) -> dict[str, Any]:
    """Everything that the provider has to have approved."""
    by_language = dict.fromkeys(LANGUAGES, IDS[provider])
    return {one.id: dict(by_language) for one in TEMPLATES if needs(provider, one)}


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_a_whole_file_has_no_fault_and_answers(provider: str) -> None:
    approved = checked_catalogue(SITE, file={provider: whole(provider)}, providers=[provider]).approved
    assert approved.of(provider, "wish_posted.v1", "zh") == IDS[provider]
    with pytest.raises(KeyError):
        approved.of(provider, "wish_posted.v9", "zh")


def test_cards_are_asked_for_only_what_wechat_may_show() -> None:
    for provider in CARDS:
        needed = whole(provider).keys()
        assert not {"signin_code.v1", "member_invited.v1"} & needed
        assert {"wish_posted.v1", "digest_staff.v1", "wish_news.v1"} <= needed


def test_all_faults_are_told_at_once() -> None:
    file = {"alibaba": whole("alibaba"), "official": whole("official"), "pigeons": {"wish_posted.v1": {"zh": "x"}}}
    del file["alibaba"]["wish_posted.v1"]["en"]
    file["alibaba"]["wish_merged.v1"]["zh"] = "100200300"
    file["alibaba"]["wish_posted.v7"] = {"zh": IDS["alibaba"]}
    file["alibaba"]["wish_closed.v1"]["de"] = IDS["alibaba"]
    file["alibaba"]["wish_fulfilled.v1"]["zh"] = {"id": IDS["alibaba"], "variables": ["number"]}
    file["alibaba"]["wish_returned.v1"] = ["SMS_1"]
    file["official"]["wish_posted.v1"]["zh"] = "aTemplateOfOurs_1|title=thing1"
    file["official"]["wish_posted.v1"]["en"] = "aTemplateOfOurs_1|title"
    with pytest.raises(TemplateFaults) as caught:
        checked_catalogue(SITE, file=file, providers=["alibaba", "official", "tencent"])
    told = "\n".join(caught.value.faults)
    for fault in (
        "alibaba, wish_posted.v1, en: missing",
        "alibaba, wish_merged.v1, zh: not an id of alibaba",
        "alibaba, wish_posted.v7, zh: there is no such template",
        "alibaba, wish_closed.v1, de: not a language",
        "alibaba, wish_fulfilled.v1, zh: the approved text lacks the variable title",
        "alibaba, wish_fulfilled.v1, zh: the approved text has a variable number that ours lacks",
        "alibaba, wish_returned.v1: not a table",
        "official, wish_posted.v1, zh: the approved text lacks the variable number",
        "official, wish_posted.v1, en: not an id of official",
        "no provider pigeons",
        "tencent, signin_code.v1, zh: missing",
    ):
        assert fault in told


def test_an_entry_may_say_what_variables_were_approved() -> None:
    file = {"alibaba": whole("alibaba"), "official": whole("official")}
    for provider, by_template in file.items():
        for one in TEMPLATES:
            if one.id not in by_template:
                continue
            names = shown(provider, one)
            card = "|".join([IDS[provider], *(f"{name}=thing{place}" for place, name in enumerate(names, start=1))])
            by_template[one.id]["zh"] = card if provider in CARDS else {"id": IDS[provider], "variables": list(names)}
    approved = checked_catalogue(SITE, file=file, providers=["alibaba", "official"]).approved
    assert approved.of("alibaba", "wish_posted.v1", "zh") == IDS["alibaba"]
    assert approved.of("official", "wish_posted.v1", "zh") == f"{IDS['official']}|title=thing1|number=thing2"


def test_large_print_is_sent_where_it_was_approved() -> None:
    file = {"alibaba": whole("alibaba")}
    file["alibaba"]["wish_posted.v1"]["zh-large"] = "SMS_999999999"
    approved = checked_catalogue(SITE, file=file, providers=["alibaba"]).approved
    assert approved.of("alibaba", "wish_posted.v1", "zh", large=True) == "SMS_999999999"
    assert approved.of("alibaba", "wish_posted.v1", "zh") == IDS["alibaba"]
    assert approved.of("alibaba", "wish_posted.v1", "en", large=True) == IDS["alibaba"]


@pytest.mark.parametrize("text", ["", "[", "\ufffe"])
def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path, text: str) -> None:
    file = tmp_path / "approved.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(TemplateFaults, match="can't be read"):
        read_approved(file)
    with pytest.raises(TemplateFaults, match="can't be read"):
        read_approved(tmp_path / "none.json")


def test_no_file_is_no_fault_where_nobody_needs_one(tmp_path: Path) -> None:
    assert checked_catalogue(SITE, file=read_approved(None), providers=[""])
    (tmp_path / "list.json").write_text(json.dumps([1]), encoding="utf-8")
    file = read_approved(tmp_path / "list.json")
    with pytest.raises(TemplateFaults, match="the file: not a table"):
        checked_catalogue(SITE, file=file, providers=[])


def test_the_document_of_templates_is_fresh() -> None:
    kept = Path(__file__).parents[4] / "docs" / "templates.md"
    assert kept.read_text(encoding="utf-8") == document(), "run `make contracts`"
