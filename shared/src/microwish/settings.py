"""Settings that every service has: read from the environment (`MICROWISH_…`), typed, checked at start.

No `.env` file is read: what runs is what the environment says.
"""

from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from microwish.privacy.sealing import BlindIndex, Sealer


class ServiceSettings(BaseSettings):
    """Knobs common to all services; each service subclasses it with its own and a default `mongo_database`."""

    model_config = SettingsConfigDict(env_prefix="MICROWISH_", env_file=None, extra="ignore", hide_input_in_errors=True)

    mongo_uri: str = Field(
        default="mongodb://127.0.0.1:27017/?directConnection=true",
        description="Replica set or sharded cluster; a standalone server is refused at start.",
    )
    mongo_database: str = Field(default="microwish", description="Name of this service's own database.")

    kafka_bootstrap: str = Field(default="127.0.0.1:9092", description="host:port[,host:port…] of the brokers.")
    kafka_idempotence: bool = Field(default=True, description="Idempotent producer; off for the embedded broker.")
    kafka_fetch_wait_ms: int = Field(default=500, ge=1, description="Longest wait of a fetch, milliseconds.")
    kafka_topic_prefix: str = Field(
        default="",
        pattern=r"^[a-zA-Z0-9._-]*$",
        description="Put before every topic and group, so that several installations share one broker.",
    )
    kafka_partitions: int = Field(default=6, ge=1, description="Partitions of topics created at start.")
    kafka_replication: int = Field(default=1, ge=1, description="Replicas of topics created at start.")
    kafka_create_topics: bool = Field(default=True, description="Create missing topics at start.")

    host: str = Field(default="127.0.0.1", description="Address that the HTTP server listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port that it listens on; 0 takes a free one.")
    public_url: str = Field(default="http://127.0.0.1:8000", description="Where people reach the pages.")

    jwks_url: str | None = Field(default=None, description="Where wish-service publishes its public signing keys.")
    sealing_keys: SecretStr = Field(description="kid:base64url of 32 bytes[,kid:…]; the first seals, every one opens.")
    blind_key: SecretStr = Field(description="Key of blind indexes (phone look-up), at least 32 bytes.")
    cookie_secure: bool = Field(default=True, description="Cookies only over HTTPS; off only on loopback.")

    production: bool = Field(default=False, description="Refuse everything that is only for trying out.")
    sandbox: bool = Field(default=False, description="Messages go to the sandbox phone instead of a provider.")
    as_of_allowed: bool = Field(default=False, description="Admins may date commands (Microwish-As-Of, 补录).")

    timezone: str = Field(default="Asia/Shanghai", description="Zone of days and months that people read.")
    log_level: str = Field(default="INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR|CRITICAL)$")
    log_json: bool = Field(default=True, description="One JSON object per line; off for coloured text.")
    otlp_endpoint: str | None = Field(default=None, description="OTLP/HTTP collector for traces; none: not exported.")

    relay_poll_seconds: float = Field(default=1.0, gt=0, description="How often the relay looks when nothing wakes it.")
    relay_lease_seconds: float = Field(default=10.0, gt=0, description="How long a relay may hold a document.")
    incarnation_poll_seconds: float = Field(default=1.0, gt=0, description="How often the broker's identity is read.")

    @field_validator("sealing_keys")
    @classmethod
    def _sealing_keys_are_readable(cls, value: SecretStr) -> SecretStr:
        Sealer.from_keys(value.get_secret_value())
        return value

    @field_validator("blind_key")
    @classmethod
    def _blind_key_is_long_enough(cls, value: SecretStr) -> SecretStr:
        BlindIndex(value.get_secret_value())
        return value

    @field_validator("timezone")
    @classmethod
    def _timezone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"unknown time zone {value!r}") from error
        return value

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        faults = self.production_faults() if self.production else []
        if faults:
            raise ValueError("not fit for production: " + "; ".join(faults))
        return self

    def production_faults(self) -> list[str]:
        """Everything that forbids production with these settings, all at once; a subclass adds its own."""
        faults = []
        if self.sandbox:
            faults.append("MICROWISH_SANDBOX is on (messages would reach nobody)")
        if self.as_of_allowed:
            faults.append("MICROWISH_AS_OF_ALLOWED is on (commands could be dated back)")
        if not self.cookie_secure:
            faults.append("MICROWISH_COOKIE_SECURE is off (sessions would travel in clear)")
        if not self.public_url.startswith("https://"):
            faults.append("MICROWISH_PUBLIC_URL is not https")
        if not self.kafka_idempotence:
            faults.append("MICROWISH_KAFKA_IDEMPOTENCE is off (only for the embedded broker)")
        return faults

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which people read days and months."""
        return ZoneInfo(self.timezone)

    def sealer(self) -> Sealer:
        """A sealer with the configured keys."""
        return Sealer.from_keys(self.sealing_keys.get_secret_value())

    def blind_index(self) -> BlindIndex:
        """The blind index with the configured key."""
        return BlindIndex(self.blind_key.get_secret_value())
