"""What each service of a local stack is told, in MICROWISH_ variables."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from microwish_local.keys import Keys
from microwish_local.paths import COMMUNITIES_CSV
from microwish_local.routes import SERVICES, Service

HOST = "127.0.0.1"
ADMIN_PHONE = "13800000000"


@dataclass(frozen=True)
class Addresses:
    """Where everything is: the gateway on `port_base`, the services on the ports that follow."""

    port_base: int
    mongo_uri: str
    kafka_bootstrap: str

    @property
    def gateway(self) -> str:
        """The address that people open."""
        return f"http://{HOST}:{self.port_base}"

    def port(self, service: Service) -> int:
        """The port of a service."""
        return self.port_base + 1 + SERVICES.index(service)

    def url(self, service: Service) -> str:
        """The address of a service, behind the gateway."""
        return f"http://{HOST}:{self.port(service)}"


def service_environment(
    service: Service,
    addresses: Addresses,
    keys: Keys,
    *,
    idempotence: bool,
    fetch_wait_ms: int,
    partitions: int = 6,
) -> dict[str, str]:
    """The environment of one service: ours, what the stack decides, and for the rest what the user set."""
    decided = {
        "MICROWISH_MONGO_URI": addresses.mongo_uri,
        "MICROWISH_KAFKA_BOOTSTRAP": addresses.kafka_bootstrap,
        "MICROWISH_HOST": HOST,
        "MICROWISH_PORT": str(addresses.port(service)),
        "PYTHONUNBUFFERED": "1",
    }
    if service != "wish":
        decided["MICROWISH_JWKS_URL"] = f"{addresses.url('wish')}/.well-known/jwks.json"
    suggested = _suggested(addresses, keys) | {
        "MICROWISH_KAFKA_IDEMPOTENCE": str(idempotence).lower(),
        "MICROWISH_KAFKA_FETCH_WAIT_MS": str(fetch_wait_ms),
        "MICROWISH_KAFKA_PARTITIONS": str(partitions),
    }
    environment = {**suggested, **os.environ, **decided}
    if service != "wish":
        environment.pop("MICROWISH_SIGNING_KEYS")  # the private half is wish-service's alone
    return environment


def gateway_environment(addresses: Addresses) -> dict[str, str]:
    """The environment of the gateway."""
    upstreams = {f"MICROWISH_UPSTREAM_{name.upper()}": addresses.url(name) for name in SERVICES}
    decided = {"MICROWISH_HOST": HOST, "MICROWISH_PORT": str(addresses.port_base), "PYTHONUNBUFFERED": "1"}
    return dict(os.environ) | upstreams | decided


def _suggested(addresses: Addresses, keys: Keys) -> dict[str, str]:
    """What suits trying out on one machine; a user's own setting comes first."""
    settings = {
        "MICROWISH_SIGNING_KEYS": json.dumps(keys["signing"]),
        "MICROWISH_SEALING_KEYS": keys["sealing"],
        "MICROWISH_BLIND_KEY": keys["blind"],
        "MICROWISH_ADMIN_PHONES": ADMIN_PHONE,
        "MICROWISH_AS_OF_ALLOWED": "true",
        "MICROWISH_SANDBOX": "true",
        "MICROWISH_SIGNIN_PER_ADDRESS_PER_HOUR": "100000",  # many people act from one machine
        "MICROWISH_SIGNIN_PER_PHONE_PER_HOUR": "1000",  # and the same few phones try things out over and over
        "MICROWISH_QUIET_HOURS": "",  # whoever tries it out at night wants to see the messages now,
        "MICROWISH_MERGE_SECONDS": "0",  # and each of them
        "MICROWISH_COOKIE_SECURE": "false",
        "MICROWISH_PUBLIC_URL": addresses.gateway,
    }
    if COMMUNITIES_CSV.is_file():
        settings["MICROWISH_COMMUNITIES_CSV"] = str(COMMUNITIES_CSV)
    return settings
