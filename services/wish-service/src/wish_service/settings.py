"""Every knob of wish-service. The environment name is `MICROWISH_` and the field's name in capitals."""

from ipaddress import ip_address, ip_network
from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from microwish.identity.tokens import TokenSigner
from microwish.privacy.phones import normalise_phone
from microwish.settings import ServiceSettings


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
        default=None, description="code,name,parent of the divisions; read at start, what is new or renamed is saved."
    )
    value_ceiling_fen: int = Field(default=50_000, ge=0, description="Highest estimated value of a wish, fen.")
    review_due_workdays: int = Field(default=2, ge=1, description="Within how many working days a review is promised.")

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
