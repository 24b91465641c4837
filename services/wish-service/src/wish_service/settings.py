"""Every knob of wish-service. The environment name is `MICROWISH_` and the field's name in capitals."""

from datetime import timedelta
from functools import lru_cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from microwish.identity.tokens import TokenSigner
from microwish.privacy.phones import normalise_phone
from microwish.settings import ServiceSettings
from wish_service.domain.timers import Terms

DAY = 24 * 60 * 60


class WishSettings(ServiceSettings):
    """Settings of wish-service."""

    mongo_database: str = Field(default="wish", description="Name of this service's own database.")
    signing_keys: SecretStr = Field(
        description="Private JWKS (Ed25519) that signs sessions; this service alone has it."
    )
    session_seconds: int = Field(default=12 * 3600, gt=0, description="How long a session lasts, seconds.")
    admin_phones: str = Field(default="", description="Phones of the first admins, separated by commas.")

    signin_code_seconds: int = Field(default=300, gt=0, description="How long a sign-in code lives, seconds.")
    signin_per_phone_per_hour: int = Field(default=5, ge=1, description="Codes that one phone may ask for per hour.")
    signin_per_address_per_hour: int = Field(
        default=60, ge=1, description="Codes that one network address may ask for per hour."
    )
    trusted_proxies: str = Field(
        default="127.0.0.1/32,::1/128",
        description="Networks whose X-Forwarded-For is believed, separated by commas.",
    )

    communities_csv: Path | None = Field(
        default=None, description="code,name,parent of the divisions, read at start; a file not read before is saved."
    )
    value_ceiling_fen: int = Field(default=50_000, ge=0, description="Highest estimated value of a wish, fen.")
    value_ceilings: str = Field(
        default="", description="Districts with a ceiling of their own: 310117=80000,310118=60000 (6 digits, fen)."
    )
    similar_per_person_per_hour: int = Field(
        default=600, ge=1, description="Questions about similar wishes that one person may ask per hour."
    )
    stream_listeners: int = Field(default=1000, ge=1, description="Event streams that one replica keeps open.")
    stream_heartbeat_seconds: float = Field(
        default=15.0, gt=0, description="How often an event stream says that it lives, seconds."
    )
    review_due_workdays: int = Field(default=2, ge=1, description="Within how many working days a review is promised.")

    confirm_reminder_seconds: int = Field(
        default=7 * DAY, ge=1, description="After how long the resident is reminded once of a delivery, seconds."
    )
    confirm_task_seconds: int = Field(
        default=14 * DAY, ge=1, description="After how long staff are to ask about a delivery, seconds."
    )
    unclaimed_task_seconds: int = Field(
        default=7 * DAY, ge=1, description="After how long staff are to see to a wish that nobody claims, seconds."
    )
    timer_poll_seconds: float = Field(default=1.0, gt=0, description="How often the worker looks for timers due.")

    stats_pause_seconds: float = Field(
        default=0.2, gt=0, description="Shortest time between two counts of the statistics, seconds."
    )
    stats_poll_seconds: float = Field(
        default=2.0, gt=0, description="How often to look for facts that nothing in this process told of, seconds."
    )

    community_moves_poll_seconds: float = Field(
        default=10.0, gt=0, description="How often to look for wishes of communities that moved, seconds."
    )
    erasures_poll_seconds: float = Field(
        default=2.0, gt=0, description="How often to look for what is left of people who asked to be forgotten."
    )
    review_claim_seconds: int = Field(
        default=900, gt=0, description="How long a member of staff has a wish to review to themselves, seconds."
    )

    photo_store: Literal["gridfs", "s3"] = Field(
        default="gridfs", description="Where photos are kept: in MongoDB (GridFS), or in an S3-compatible store."
    )
    photo_max_bytes: int = Field(default=15_000_000, gt=0, description="Largest photo that is taken, bytes.")
    photo_workers: int = Field(
        default=1, ge=1, le=16, description="Photos re-encoded at once; each may need 300 MB for a moment."
    )
    photo_upload_seconds: int = Field(
        default=900, gt=0, description="After how long an upload that never finished gives up its place, seconds."
    )
    photo_sweep_seconds: float = Field(default=3600.0, gt=0, description="How often such left-overs are looked for.")
    photo_s3_endpoint: str | None = Field(default=None, description="Address of the S3-compatible store; none: AWS.")
    photo_s3_region: str = Field(default="us-east-1", description="Its region.")
    photo_s3_bucket: str = Field(default="", description="Its bucket, which has to be there.")
    photo_s3_path_style: bool = Field(
        default=True, description="The bucket in the path (MinIO, Ceph); off where it is in the host name (AWS, OSS)."
    )
    photo_s3_access_key: SecretStr | None = Field(
        default=None, description="Its credentials; none: those of the environment it runs in."
    )
    photo_s3_secret_key: SecretStr | None = Field(default=None, description="The secret half of them.")

    @model_validator(mode="after")
    def _photos_have_a_place(self) -> Self:
        if self.photo_store == "s3" and not self.photo_s3_bucket:
            raise ValueError("MICROWISH_PHOTO_STORE is s3, and MICROWISH_PHOTO_S3_BUCKET is empty")
        if (self.photo_s3_access_key is None) != (self.photo_s3_secret_key is None):
            raise ValueError("MICROWISH_PHOTO_S3_ACCESS_KEY and MICROWISH_PHOTO_S3_SECRET_KEY belong together")
        return self

    import_max_rows: int = Field(default=5000, ge=1, le=20_000, description="Most wishes in one imported file.")
    import_max_bytes: int = Field(default=8_000_000, gt=0, description="Largest file that may be imported, bytes.")
    import_lease_seconds: float = Field(
        default=30.0, gt=0, description="After how long another process takes up the rows of one that died, seconds."
    )
    import_poll_seconds: float = Field(
        default=2.0, gt=0, description="How often to look for imports that another process accepted, seconds."
    )

    @field_validator("signing_keys")
    @classmethod
    def _signing_keys_are_readable(cls, value: SecretStr) -> SecretStr:
        TokenSigner.from_jwks(value.get_secret_value())
        return value

    @field_validator("admin_phones")
    @classmethod
    def _admin_phones_are_phones(cls, value: str) -> str:
        return ",".join(normalise_phone(phone) for phone in value.split(",") if phone.strip())

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies_are_networks(cls, value: str) -> str:
        for network in _parts(value):
            ip_network(network, strict=False)
        return value

    @property
    def terms(self) -> Terms:
        """How long what may take."""
        return Terms(
            confirm_reminder=timedelta(seconds=self.confirm_reminder_seconds),
            confirm_task=timedelta(seconds=self.confirm_task_seconds),
            unclaimed_task=timedelta(seconds=self.unclaimed_task_seconds),
            review_workdays=self.review_due_workdays,
            zone=self.zone,
        )

    @field_validator("value_ceilings")
    @classmethod
    def _ceilings_are_of_districts(cls, value: str) -> str:
        _ceilings(value)
        return value

    def ceiling_of(self, community: str) -> int:
        """The highest estimated value of a wish there, fen: of its district, else for everybody."""
        return _ceilings(self.value_ceilings).get(community[:6], self.value_ceiling_fen)

    @property
    def highest_ceiling_fen(self) -> int:
        """The highest ceiling of any district, fen: for a form that doesn't know the district."""
        return max([self.value_ceiling_fen, *_ceilings(self.value_ceilings).values()])

    @property
    def admins(self) -> frozenset[str]:
        """The normalised phones of the first admins."""
        return frozenset(_parts(self.admin_phones))

    def trusts_proxy(self, address: str) -> bool:
        """Whether X-Forwarded-For from this peer is believed."""
        try:
            peer = ip_address(address)
        except ValueError:
            return False
        networks = [ip_network(network, strict=False) for network in _parts(self.trusted_proxies)]
        return any(peer in network for network in networks)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


@lru_cache(maxsize=8)
def _ceilings(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in _parts(text):
        district, _, fen = (piece.strip() for piece in part.partition("="))
        if not (district.isascii() and district.isdigit() and len(district) == 6 and fen.isascii() and fen.isdigit()):
            raise ValueError(f"a ceiling is written 310117=80000 (district, fen), not {part!r}")
        if district in found:
            raise ValueError(f"district {district} has two ceilings")
        found[district] = int(fen)
    return found
