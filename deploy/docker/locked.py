"""The part of requirements.lock that some packages need, with its hashes: what an image installs and nothing more.

    python3 locked.py [--lock FILE] [--package NAME]… [--without NAME]… [FOLDER with a pyproject.toml]…

A lock file says below each entry on whose account it is there (`# via`), so that the needed part can be read from it
without asking a registry. `--without` leaves out a package and what only it needs.
"""

import argparse
import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

_ENTRY = re.compile(r"^([A-Za-z0-9._-]+)(\[[^\]]*\])?==")
_REQUIREMENT = re.compile(r"^[A-Za-z0-9._-]+")
_VIA = re.compile(r"^ +# +(?:via )? *([A-Za-z0-9._-]+)")
OURS = "microwish-"


@dataclass
class Entry:
    """One package of the lock: its lines, and the packages that asked for it."""

    lines: list[str] = field(default_factory=list)
    asked_by: set[str] = field(default_factory=set)


def read_lock(text: str) -> dict[str, Entry]:
    """Every entry by its normalised name."""
    entries: dict[str, Entry] = {}
    current = Entry()
    for line in text.splitlines():
        if start := _ENTRY.match(line):
            current = entries.setdefault(normalised(start[1]), Entry())
        if line.lstrip().startswith("#"):
            via = _VIA.match(line)
            if via and via[1] != "via":
                current.asked_by.add(normalised(via[1]))
        else:
            current.lines.append(line)
    return entries


def needed(entries: dict[str, Entry], roots: Iterable[str], without: Iterable[str] = ()) -> list[str]:
    """The names that the roots need, themselves included, in the lock's order.

    Raises: KeyError for a root that the lock does not hold.
    """
    left_out = set(without)
    found = set(roots) - left_out
    if missing := found - entries.keys():
        raise KeyError(f"not locked: {', '.join(sorted(missing))}")
    while more := {
        name for name, entry in entries.items() if name not in found | left_out and not entry.asked_by.isdisjoint(found)
    }:
        found |= more
    return [name for name in entries if name in found]


def dependencies(folder: Path) -> set[str]:
    """What a package of this repository asks for, without the packages of this repository."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {normalised(match[0]) for text in project["dependencies"] if (match := _REQUIREMENT.match(text))}
    return {name for name in names if not name.startswith(OURS)}


def normalised(name: str) -> str:
    """The one spelling of a package's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def main(arguments: list[str]) -> None:
    """Write the needed part to standard output."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lock", type=Path, default=Path("requirements.lock"))
    parser.add_argument("--package", action="append", default=[])
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("folders", nargs="*", type=Path)
    chosen = parser.parse_args(arguments)
    entries = read_lock(chosen.lock.read_text(encoding="utf-8"))
    roots = set(chosen.package).union(*map(dependencies, chosen.folders))
    for name in needed(entries, roots, chosen.without):
        sys.stdout.write("\n".join(entries[name].lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
