"""CPU seconds to make a 12-megapixel photo fit to be kept, beside a plain decode of the same file in the same run.

`python -m bench.photos` prints the figure alone; it needs no server. CPU time is that of the whole process, so what
threads of the codecs spend counts too.
"""

import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image

from wish_service.store.photos.images import KeptPhoto, kept_photo

WIDTH, HEIGHT = 4000, 3000
ROUNDS = 7
GOAL_SECONDS = 1.0


def measure_photos() -> dict[str, Any]:
    """One figure in the form of `bench/latest.json`; rounds of the two alternate, the figures are medians."""
    sent = camera_like(WIDTH, HEIGHT)
    kept, plain = [], []
    for _ in range(ROUNDS):
        plain.append(_cpu_seconds(lambda: _decoded(sent)))
        kept.append(_cpu_seconds(lambda: kept_photo(BytesIO(sent))))
    value, baseline = statistics.median(kept), statistics.median(plain)
    return {
        "figure": "photo_cpu_seconds",
        "value": round(value, 3),
        "baseline": round(baseline, 3),
        "ratio": round(value / baseline, 2),
        "goal": f"at most {GOAL_SECONDS:g} s of CPU",
        "unit": "s",
        "runs": ROUNDS,
        "broker": "none",
    }


def camera_like(width: int, height: int) -> bytes:
    """A JPEG of noise and gradients, some megabytes as a phone's camera writes it; the same at every call."""
    noise = Image.frombytes("L", (width // 4, height // 4), random.Random(7).randbytes(width * height // 16))  # noqa: S311  the same at every call
    slope = Image.linear_gradient("L").resize((width, height))
    halo = Image.radial_gradient("L").resize((width, height))
    picture = Image.merge("RGB", (slope, noise.resize((width, height), Image.Resampling.BICUBIC), halo))
    out = BytesIO()
    picture.save(out, "JPEG", quality=92)
    return out.getvalue()


def _decoded(sent: bytes) -> None:
    with Image.open(BytesIO(sent)) as image:
        image.load()


def _cpu_seconds(work: Callable[[], KeptPhoto | None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> None:
    """Measure once and say what was found."""
    figure = measure_photos()
    megabytes = len(camera_like(WIDTH, HEIGHT)) / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"photo_cpu_seconds: {figure['value']} s for {WIDTH * HEIGHT / 1e6:.0f} megapixels, {megabytes:.1f} MB "
        f"(goal {GOAL_SECONDS} s); plain decode {figure['baseline']} s; ratio {figure['ratio']}; "
        f"medians of {ROUNDS} rounds; peak memory of the process {peak:.0f} MB\n"
    )


if __name__ == "__main__":
    main()
