"""Where photos are kept is settled before the service starts, and its secrets are shown nowhere."""

from typing import Any

import pytest
from pydantic import ValidationError

from microwish.identity.tokens import generate_signing_keys
from microwish.privacy.sealing import generate_blind_key, generate_sealing_keys
from wish_service.settings import WishSettings

S3 = {"photo_store": "s3", "photo_s3_bucket": "photos"}


def settings(**changes: Any) -> WishSettings:
    keys = {
        "sealing_keys": generate_sealing_keys(),
        "blind_key": generate_blind_key(),
        "signing_keys": generate_signing_keys(),
    }
    return WishSettings(**keys, **changes)


def test_gridfs_needs_nothing() -> None:
    assert settings().photo_store == "gridfs"


@pytest.mark.parametrize(
    "changes",
    [
        {"photo_store": "s3"},
        {"photo_store": "disk"},
        {**S3, "photo_s3_access_key": "only-half"},
        {**S3, "photo_s3_secret_key": "only-half"},
        {"photo_max_bytes": 0},
    ],
)
def test_half_a_setting_is_refused_at_start(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(**changes)
    assert "only-half" not in str(refused.value)


def test_credentials_are_never_shown() -> None:
    given = settings(**S3, photo_s3_access_key="AKIA-someone", photo_s3_secret_key="very-secret")
    assert "very-secret" not in repr(given) + given.model_dump_json()
    assert "AKIA-someone" not in repr(given) + given.model_dump_json()
