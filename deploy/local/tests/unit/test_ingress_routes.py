"""The ingress of the cluster routes as the gateway does: one prefix table, two spellings of it."""

from pathlib import Path
from typing import Any

import yaml

from microwish_local.routes import ROUTES, SERVICES

INGRESS = Path(__file__).parents[3] / "k8s" / "base" / "ingress.yaml"


def _paths() -> list[dict[str, Any]]:
    ingress = yaml.safe_load(INGRESS.read_text(encoding="utf-8"))
    (rule,) = ingress["spec"]["rules"]
    paths: list[dict[str, Any]] = rule["http"]["paths"]
    return paths


def test_the_ingress_holds_the_prefix_table_and_nothing_else() -> None:
    kinds = {False: "Prefix", True: "Exact"}
    table = {(route.prefix, kinds[route.exact], f"{route.service}-service") for route in ROUTES}
    paths = [(path["path"], path["pathType"], path["backend"]["service"]["name"]) for path in _paths()]
    assert len(paths) == len(set(paths))
    assert set(paths) == table


def test_every_backend_is_a_service_of_the_base_by_its_named_port() -> None:
    backends = {(path["backend"]["service"]["name"], path["backend"]["service"]["port"]["name"]) for path in _paths()}
    assert backends == {(f"{name}-service", "http") for name in SERVICES}
    assert all((INGRESS.parent / name / "kustomization.yaml").is_file() for name, _ in backends)
