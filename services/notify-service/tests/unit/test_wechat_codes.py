"""What WeChat's codes ask of us."""

from datetime import UTC, datetime, timedelta

import pytest

from notify_service.channels.port import Fate, Receipt, Refusal
from notify_service.channels.wechat import client_msg_id
from notify_service.channels.wechat_codes import judged, until_quota_resets

NOON = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        (-1, Refusal.LATER),
        (45011, Refusal.LATER),
        (43117, Refusal.LATER),
        (43108, Refusal.LATER),
        (45009, Refusal.QUOTA),
        (43101, Refusal.PERSON),
        (43004, Refusal.PERSON),
        (40003, Refusal.PERSON),
        (40001, Refusal.CONFIGURATION),
        (40014, Refusal.CONFIGURATION),
        (42001, Refusal.CONFIGURATION),
        (40037, Refusal.CONFIGURATION),
        (47003, Refusal.CONFIGURATION),
        (40164, Refusal.CONFIGURATION),
        (99999, Refusal.CONFIGURATION),
    ],
)
def test_a_code_means_a_refusal_of_one_kind(code: int, refusal: Refusal) -> None:
    receipt = judged(code, NOON)
    assert receipt is not None
    assert (receipt.fate, receipt.refusal, receipt.cause) == (Fate.REFUSED, refusal, f"wechat_{code}")


def test_zero_and_an_id_that_is_known_are_accepted() -> None:
    assert judged(0, NOON, "17") == Receipt(Fate.ACCEPTED, reference="17")
    assert judged(45065, NOON) == Receipt(Fate.ACCEPTED)
    assert judged(45066, NOON) is None, "what became of the first is not said"


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (NOON, timedelta(hours=12, minutes=5)),
        (datetime(2026, 6, 1, 15, 59, 59, tzinfo=UTC), timedelta(minutes=5, seconds=1)),
        (datetime(2026, 6, 1, 16, 0, tzinfo=UTC), timedelta(hours=24, minutes=5)),
    ],
)
def test_a_quota_begins_anew_after_midnight_in_shanghai(now: datetime, until: timedelta) -> None:
    assert until_quota_resets(now) == until
    receipt = judged(45009, now)
    assert receipt is not None
    assert receipt.retry_after == until


@pytest.mark.parametrize(
    "out_id", ["0197a2c4-9a41-7c3e-8d0f-1b2c3d4e5f60", "x" * 33, "心愿", "", "0197a2c4_9a41", "a" * 32]
)
def test_an_out_id_becomes_an_id_that_wechat_takes(out_id: str) -> None:
    made = client_msg_id(out_id)
    assert 0 < len(made) <= 32
    assert made.isalnum()
    assert made.isascii()
    assert client_msg_id(out_id) == made
    assert made != client_msg_id(out_id + "x")
