"""The form of a figure in `bench/latest.json` (design, section 10)."""

import statistics
from collections.abc import Sequence
from typing import Any

Figure = dict[str, Any]


def compared(
    name: str, values: Sequence[float], baselines: Sequence[float], *, goal: float, unit: str, digits: int = 1
) -> Figure:
    """The medians of two series of rounds, and the one as a part of the other."""
    value, baseline = statistics.median(values), statistics.median(baselines)
    return {
        "figure": name,
        "value": round(value, digits),
        "baseline": round(baseline, digits),
        "ratio": round(value / baseline, 3),
        "goal": goal,
        "unit": unit,
        "runs": len(values),
        "broker": "embedded",
    }
