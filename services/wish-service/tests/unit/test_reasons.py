"""The catalogue of reasons: every decision has some, each with words in both languages."""

import re

import pytest

from wish_service.domain.errors import InvalidInput
from wish_service.domain.reasons import CATALOGUE, ReasonFor, readable
from wish_service.web.texts import TEXTS


@pytest.mark.parametrize("decision", list(ReasonFor))
def test_every_decision_has_reasons_under_codes_of_their_own(decision: ReasonFor) -> None:
    reasons = CATALOGUE[decision]
    assert len({reason.code for reason in reasons}) == len(reasons) >= 3
    for reason in reasons:
        assert re.fullmatch(r"[a-z][a-z_]{0,39}", reason.code)
        assert re.search(r"[一-鿿]", reason.zh)
        assert reason.en.isascii()
        key = f"reason.{decision.value}.{reason.code}"
        assert (TEXTS.text(key, "zh"), TEXTS.text(key, "en")) == (reason.zh, reason.en)


def test_the_resident_reads_the_catalogue_s_words_staff_s_own_or_both() -> None:
    assert readable(ReasonFor.RETURN, None, None) is None
    assert readable(ReasonFor.RETURN, None, "多大的？") == "多大的？"
    assert readable(ReasonFor.RETURN, "time_missing", None) == "请说说什么时候方便上门。"
    assert readable(ReasonFor.RETURN, "time_missing", "周末行吗") == "请说说什么时候方便上门。周末行吗"
    with pytest.raises(InvalidInput):
        readable(ReasonFor.RETURN, "money", "x")
