"""How well similar wishes are found: precision and recall on the labelled pairs, beside two naive baselines.

The pairs are split by what they are about: no family of the part `held_out` had a say in weights, threshold or
vocabulary. Each baseline has the threshold that is best for it on `tuning`, or none (the same title).
"""

import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path
from typing import Any

from wish_service.domain.similarity import ALIKE, Words, plain, profile, similarity

PAIRS = Path(__file__).parents[1] / "services/wish-service/tests/data/similar_pairs.csv"
PARTS = ("tuning", "held_out")
GOAL = 1.2
Score = Callable[[Words, Words], float]


@dataclass(frozen=True)
class Pair:
    """Two wishes, and whether staff would call them the same."""

    part: str
    same: bool
    kind: str
    family: str
    one: Words
    other: Words


@dataclass(frozen=True)
class Found:
    """How a score does at a threshold. precision: of those shown, the same; recall: of the same, those shown."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def read_pairs(path: Path = PAIRS) -> list[Pair]:
    """The labelled pairs."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_pair(row) for row in csv.DictReader(file)]


def _pair(row: dict[str, str]) -> Pair:
    one, other = (Words(row[f"title_{side}"], row[f"detail_{side}"], row[f"category_{side}"]) for side in "ab")
    return Pair(row["part"], row["same"] == "1", row["kind"], row["family"], one, other)


def by_grams(one: Words, other: Words) -> float:
    """What the service does."""
    return similarity(profile(one), profile(other))


def by_difflib(one: Words, other: Words) -> float:
    """The longest matching blocks of title and detail."""
    first, second = f"{one.title} {one.detail}", f"{other.title} {other.detail}"
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def by_title(one: Words, other: Words) -> float:
    """The same title, but for what every wish says."""
    return float(plain(one.title) == plain(other.title))


def found_by(score: Score, pairs: Sequence[Pair], threshold: float) -> Found:
    """Precision and recall of `score` at least `threshold`."""
    shown = [pair.same for pair in pairs if score(pair.one, pair.other) >= threshold]
    same = sum(pair.same for pair in pairs)
    return Found(sum(shown) / len(shown) if shown else 0.0, sum(shown) / same if same else 0.0)


def best_threshold(score: Score, pairs: Sequence[Pair]) -> float:
    """The threshold with the best F1."""
    return max({score(pair.one, pair.other) for pair in pairs}, key=lambda at: found_by(score, pairs, at).f1)


def false_alarms(pairs: Sequence[Pair]) -> float:
    """How many of 1000 pairs of wishes about different things are called similar: what an ordinary queue looks like."""
    wishes = [(pair.family, profile(wish)) for pair in pairs for wish in (pair.one, pair.other)]
    apart = [(one, other) for (a, one), (b, other) in combinations(wishes, 2) if a != b]
    return 1000 * sum(similarity(one, other) >= ALIKE for one, other in apart) / len(apart)


def at_recall(score: Score, pairs: Sequence[Pair], recall: float) -> float:
    """The highest threshold that finds at least as many."""
    thresholds = sorted({score(pair.one, pair.other) for pair in pairs}, reverse=True)
    return next(at for at in thresholds if found_by(score, pairs, at).recall >= recall)


def measure_similar() -> list[dict[str, Any]]:
    """The figures, and the table on standard output."""
    pairs = read_pairs()
    parts = {part: [pair for pair in pairs if pair.part == part] for part in PARTS}
    ours = {part: found_by(by_grams, chosen, ALIKE) for part, chosen in parts.items()}
    as_many = {part: at_recall(by_difflib, chosen, ours[part].recall) for part, chosen in parts.items()}
    naive = {part: found_by(by_difflib, chosen, as_many[part]) for part, chosen in parts.items()}
    best = best_threshold(by_difflib, parts["tuning"])
    _tell("", [f"{part} {name}" for part in PARTS for name in ("P", "R", "F1")])
    _tell("weighted n-grams", _cells(ours[part] for part in PARTS))
    _tell("difflib, its best F1", _cells(found_by(by_difflib, parts[part], best) for part in PARTS))
    _tell("difflib, our recall", _cells(naive[part] for part in PARTS))
    _tell("same title", _cells(found_by(by_title, parts[part], 1.0) for part in PARTS))
    sizes = ", ".join(
        f"{part} {len(chosen)} ({sum(p.same for p in chosen)} the same)" for part, chosen in parts.items()
    )
    alarms = false_alarms(parts["held_out"])
    sys.stdout.write(f"pairs: {sizes}; wishes about different things called similar (held_out): {alarms:.2f} of 1000\n")
    return [_figure(ours["held_out"], naive["held_out"])]


def _tell(name: str, cells: Sequence[str]) -> None:
    sys.stdout.write(f"{name:22}" + "".join(f"{cell:>13}" for cell in cells) + "\n")


def _cells(found: Iterable[Found]) -> list[str]:
    return [f"{value:.2f}" for one in found for value in (one.precision, one.recall, one.f1)]


def _figure(ours: Found, naive: Found) -> dict[str, Any]:
    return {
        "figure": "precision of similar wishes (held-out pairs) against difflib at the same recall",
        "value": round(ours.precision, 3),
        "baseline": round(naive.precision, 3),
        "ratio": round(ours.precision / naive.precision, 2) if naive.precision else None,
        "goal": GOAL,
        "unit": "precision",
        "runs": 1,
        "broker": None,
        "recall": round(ours.recall, 3),
    }


if __name__ == "__main__":
    measure_similar()
