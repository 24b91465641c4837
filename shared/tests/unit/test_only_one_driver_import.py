"""Motor is past its end of life: one module imports it, so that one module changes when it is replaced (ADR 0002)."""

import ast
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
ROOMS = ("shared/src", "services/*/src", "deploy/local/src")


def test_only_the_store_imports_motor() -> None:
    files = [file for room in ROOMS for root in REPOSITORY.glob(room) for file in root.rglob("*.py")]
    importers = {file.relative_to(REPOSITORY).as_posix() for file in files if "motor" in _imported(file)}
    assert importers == {"shared/src/microwish/store/mongo.py"}


def _imported(file: Path) -> set[str]:
    """The top-level packages that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.partition(".")[0])
    return names
