"""`python -m microwish.events.catalogue <docs folder> [--release N]`."""

import argparse
import sys
from pathlib import Path

from microwish.events.catalogue.asyncapi import asyncapi_text
from microwish.events.catalogue.page import page_text
from microwish.events.catalogue.schemas import all_schemas


def documents() -> dict[str, str]:
    """Every generated file: its path below the docs folder, and its text."""
    schemas = {f"schemas/{name}": text for name, text in all_schemas()}
    return {**schemas, "asyncapi.yaml": asyncapi_text(), "events.md": page_text()}


def write(docs: Path) -> None:
    """Bring the docs folder up to date; the schema of a contract that is gone goes too."""
    wanted = documents()
    for stale in (docs / "schemas").glob("*.json"):
        if f"schemas/{stale.name}" not in wanted:
            stale.unlink()
    for path, text in wanted.items():
        (docs / path).parent.mkdir(parents=True, exist_ok=True)
        (docs / path).write_text(text, encoding="utf-8")


def freeze(docs: Path, release: str) -> None:
    """Keep today's schemas as those of a release. Raises FileExistsError: a release is frozen once."""
    folder = docs / "schemas" / "released" / release
    folder.mkdir(parents=True)
    for name, text in all_schemas():
        (folder / name).write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Write the documents, and freeze a release if asked to."""
    parser = argparse.ArgumentParser(prog="python -m microwish.events.catalogue", description=__doc__)
    parser.add_argument("docs", type=Path, help="the folder to write to")
    parser.add_argument("--release", metavar="N", help="freeze today's schemas as those of this release")
    chosen = parser.parse_args(arguments)
    write(chosen.docs)
    if chosen.release:
        freeze(chosen.docs, chosen.release)


if __name__ == "__main__":
    main(sys.argv[1:])
