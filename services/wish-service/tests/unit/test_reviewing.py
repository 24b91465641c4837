"""Whoever serves the community decides, unless somebody else has the wish for review."""

from datetime import UTC, datetime, timedelta

import pytest

from wish_service.domain.errors import InReview
from wish_service.domain.reviewing import ReviewClaim, free_to_decide

CLAIM = ReviewClaim("s1", datetime(2026, 6, 1, tzinfo=UTC))


def test_without_a_claim_with_one_s_own_and_with_one_that_has_ended() -> None:
    free_to_decide(None, "s2", over=None)
    free_to_decide(CLAIM, "s1", over=None)
    free_to_decide(CLAIM, "s2", over=CLAIM)


def test_another_s_claim_stands_also_if_it_is_newer_than_the_one_that_has_ended() -> None:
    before = ReviewClaim("s1", CLAIM.until - timedelta(minutes=15))
    for over in (None, before):
        with pytest.raises(InReview) as refused:
            free_to_decide(CLAIM, "s2", over=over)
        assert (refused.value.by, refused.value.until) == ("s1", CLAIM.until)
