"""What the cluster and the compose file tell the services is what the services listen to."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from microwish.settings import ServiceSettings
from microwish_local.routes import SERVICES

REPOSITORY = Path(__file__).parents[4]
K8S = REPOSITORY / "deploy" / "k8s"
COMPOSE = REPOSITORY / "docker-compose.yml"
ONLY_FOR_COMPOSE_ITSELF = {"BASE_IMAGE", "MONGO_IMAGE", "KAFKA_IMAGE", "GATEWAY_PORT"}
MANIFESTS = sorted(file for file in [*K8S.rglob("*.yaml"), COMPOSE])


def _settings(service: str) -> type[ServiceSettings]:
    found: type[ServiceSettings] = getattr(
        importlib.import_module(f"{service}_service.settings"), f"{service.title()}Settings"
    )
    return found


def _names(file: Path) -> set[str]:
    return set(re.findall(r"\bMICROWISH_([A-Z][A-Z0-9_]*)", file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", MANIFESTS, ids=lambda file: str(file.relative_to(REPOSITORY)))
def test_it_is_yaml(file: Path) -> None:
    assert all(document for document in yaml.safe_load_all(file.read_text(encoding="utf-8")))


def test_every_setting_of_the_cluster_is_one_of_some_service() -> None:
    known = {name.upper() for service in SERVICES for name in _settings(service).model_fields}
    said = {name for file in [*K8S.rglob("*.yaml"), *K8S.rglob("*.env")] for name in _names(file)}
    assert said - known == set()


def test_every_setting_of_the_compose_file_is_one_of_some_service_or_of_the_gateway() -> None:
    known = {name.upper() for service in SERVICES for name in _settings(service).model_fields}
    known |= {f"UPSTREAM_{service.upper()}" for service in SERVICES} | ONLY_FOR_COMPOSE_ITSELF
    assert _names(COMPOSE) - known == set()


@pytest.mark.parametrize("service", SERVICES)
def test_the_cluster_gives_a_service_everything_it_has_no_default_for(service: str) -> None:
    given = _names(K8S / "base" / "every-service" / "pod.yaml")
    given |= _names(K8S / "base" / f"{service}-service" / "secrets.yaml")
    needed = {name.upper() for name, field in _settings(service).model_fields.items() if field.is_required()}
    assert needed <= given


def test_the_signing_key_is_given_to_wish_service_alone() -> None:
    holders = {file.parent.name for file in K8S.rglob("secrets.yaml") if "SIGNING_KEYS" in _names(file)}
    assert holders == {"wish-service"}
    services: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    mounting = {
        name for name, service in services.items() if "signing-keys" in "".join(map(str, service.get("volumes", [])))
    }
    assert mounting == {"wish-service", "keys"}


def test_the_compose_file_lets_only_the_gateway_out_and_only_on_this_machine() -> None:
    services: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert list(published) == ["gateway"]
    assert all(port.startswith("127.0.0.1:") for port in published["gateway"])


def test_the_tests_in_containers_run_on_the_images_of_the_compose_file() -> None:
    services: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    source = (REPOSITORY / "deploy/local/src/microwish_local/servers/containers.py").read_text(encoding="utf-8")
    for name in ("mongo", "kafka"):
        setting, default = re.findall(r"\$\{MICROWISH_(\w+):-(.+)\}", services[name]["image"])[0]
        assert f'"MICROWISH_TEST_{setting}", "{default}"' in source
