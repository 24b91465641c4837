"""`python -m bench` runs every measurement and writes `bench/latest.json` (design, section 10)."""

import asyncio
import json
import sys
from pathlib import Path

from bench.claims import measure_claims

LATEST = Path(__file__).parent / "latest.json"


def main() -> None:
    """Measure, write, and say what was found."""
    figures = [asyncio.run(measure_claims())]
    LATEST.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    for figure in figures:
        line = "{figure}: {value} {unit}; raw {baseline} {unit}; ratio {ratio} (goal {goal}), medians of {runs} rounds"
        sys.stdout.write(line.format(**figure) + "\n")


if __name__ == "__main__":
    main()
