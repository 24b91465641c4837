"""Every code that a person can meet has its words, in both languages."""

import pytest

from adoption_service.domain import errors
from adoption_service.web.texts import TEXTS
from microwish.web.common_texts import COMMON_TEXTS

KNOWN = TEXTS.with_base(COMMON_TEXTS)
CODES = {kind.code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.DomainError)}


@pytest.mark.parametrize("code", sorted(CODES - {"refused"}))
def test_every_refusal_has_a_title(code: str) -> None:
    assert f"problem.{code}" in KNOWN
