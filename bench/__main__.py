"""`python -m bench [name…]` measures (all, or what is named) and writes `bench/latest.json` (design, section 10)."""

import asyncio
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench.claims import measure_claims
from bench.exports import measure_exports
from bench.fanout import measure_fan_out
from bench.lists import measure_lists
from bench.million import measure_million
from bench.notify import measure_notify
from bench.photos import measure_photos
from bench.posting import measure_posting
from bench.similar import measure_similar
from bench.stats import measure_stats
from bench.storms import measure_elsewhere, measure_storms

LATEST = Path(__file__).parent / "latest.json"
LINE = "{figure}: {value} {unit}; baseline {baseline} {unit}; ratio {ratio} (goal {goal}), medians of {runs} rounds\n"
COUNTED = "{figure}: {value} {unit} (goal {goal}), {runs} rounds\n"
FORM = {"figure", "value", "baseline", "ratio", "goal", "unit", "runs", "broker"}

MEASUREMENTS: dict[str, Callable[[], Iterable[dict[str, Any]]]] = {
    "claims": lambda: asyncio.run(measure_claims()),
    "storm": lambda: asyncio.run(measure_storms()),
    "elsewhere": lambda: asyncio.run(measure_elsewhere()),
    "similar": measure_similar,
    "lists": lambda: asyncio.run(measure_lists()),
    "posting": lambda: asyncio.run(measure_posting()),
    "photos": measure_photos,
    "exports": lambda: asyncio.run(measure_exports()),
    "stats": lambda: [asyncio.run(measure_stats())],
    "notify": measure_notify,
    "fanout": lambda: asyncio.run(measure_fan_out()),
    "million": lambda: asyncio.run(measure_million()),
}


def main() -> None:
    """Measure, write beside the figures that were not measured now, and say what was found."""
    for name in sys.argv[1:] or MEASUREMENTS:
        for figure in MEASUREMENTS[name]():
            _keep(figure)
            sys.stdout.write((LINE if figure["ratio"] is not None else COUNTED).format(**figure))
            sys.stdout.writelines(f"  {name}: {value}\n" for name, value in figure.items() if name not in FORM)
            sys.stdout.flush()


def _keep(figure: dict[str, Any]) -> None:
    """Put it in its place of the file, which is read anew: another measurement may have written meanwhile."""
    kept = {one["figure"]: one for one in json.loads(LATEST.read_text(encoding="utf-8"))}
    kept[figure["figure"]] = figure
    LATEST.write_text(json.dumps([*kept.values()], ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
