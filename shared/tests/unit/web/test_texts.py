import pytest
from hypothesis import given
from hypothesis import strategies as st

from microwish.web.common_texts import COMMON_TEXTS
from microwish.web.pages.texts import KIT_TEXTS
from microwish.web.texts import Catalogue, UnknownText, accepted_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9", "en"),
        ("en;q=0.5,zh;q=0.9", "zh"),
        ("fr,en;q=0.1", "en"),
        ("fr,de", "zh"),
        ("en;q=0", "zh"),
        ("en;q=nan,zh", "zh"),
        ("en;q=x", "zh"),
        ("en;Q=1;x", "en"),
        ("*", "zh"),
        (",;,;q=,", "zh"),
    ],
)
def test_the_language_an_answer_speaks(header: str, language: str) -> None:
    assert accepted_language(header) == language


@given(st.text(max_size=600))
def test_any_header_gives_a_language(header: str) -> None:
    assert accepted_language(header) in {"zh", "en"}


def test_texts_are_filled_and_missing_ones_are_faults() -> None:
    texts = Catalogue({"left": ("还差 {count} 家", "{count} more needed")})
    assert texts.text("left", count=1) == "还差 1 家"
    assert texts.text("left", "en", count=1) == "1 more needed"
    for key, values in (("nothing", {}), ("left", {"number": 1})):
        with pytest.raises(UnknownText):
            texts.text(key, "zh", **values)


def test_a_service_may_replace_a_common_text() -> None:
    both = Catalogue({"problem.busy": ("请稍等", "Wait")}).with_base(COMMON_TEXTS)
    assert both.text("problem.busy") == "请稍等"
    assert both.text("problem.not_found") == "没有找到"


@pytest.mark.parametrize("catalogue", [COMMON_TEXTS, KIT_TEXTS])
def test_every_text_is_there_in_both_languages(catalogue: Catalogue) -> None:
    for key in sorted(catalogue.keys()):
        assert catalogue.text(key, "zh"), key
        assert catalogue.text(key, "en"), key
