"""What making a photo fit to be kept costs, beside a plain decode of the same file in the same run.

CPU seconds for 12 megapixels as a phone takes them, and the most memory that the worst files still accepted need.
`python -m bench.photos` measures this alone; it needs no server. CPU time is that of the whole process, so what
threads of the codecs spend counts too. Memory is what a process of its own grows by at its peak (VmHWM).
"""

import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from bench.figures import Figure
from wish_service.store.photos.images import KeptPhoto, kept_photo

WIDTH, HEIGHT = 4000, 3000
ROUNDS = 7
GOAL_SECONDS = 1.0
GOAL_MEGABYTES = 300
WORST: dict[str, tuple[str, tuple[int, int], str, dict[str, Any]]] = {
    # Each as large as it may be; empty pictures, as memory goes by pixels.
    "PNG with transparency": ("RGBA", (4000, 4000), "PNG", {}),
    "grey PNG with transparency": ("LA", (4000, 4000), "PNG", {}),
    "WebP with transparency": ("RGBA", (4000, 4000), "WEBP", {"lossless": True}),
    "JPEG": ("RGB", (8000, 6250), "JPEG", {"subsampling": 0}),
    "progressive JPEG": ("RGB", (6000, 5000), "JPEG", {"progressive": True, "subsampling": 0}),
    "progressive JPEG in four colours": ("CMYK", (6000, 5000), "JPEG", {"progressive": True}),
}
"""Mode, size, format and options of the files whose memory is measured."""


def measure_photos() -> list[Figure]:
    """Two figures: CPU and memory."""
    return [measure_cpu(), measure_memory()]


def measure_memory() -> Figure:
    """The most that any of the worst files makes a process grow, beside a plain decode of that file."""
    grown: dict[str, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory() as directory:
        for name, (mode, size, kind, options) in WORST.items():
            file = Path(directory) / "photo"
            Image.new(mode, size).save(file, kind, **options)
            grown[name] = _grown_megabytes(file, "kept"), _grown_megabytes(file, "decoded")
    for name, (kept, decoded) in grown.items():
        sys.stdout.write(f"{name}: {kept:.0f} MB, plain decode {decoded:.0f} MB\n")
    value, baseline = max(grown.values())
    return {
        "figure": "photo_peak_megabytes",
        "value": round(value),
        "baseline": round(baseline),
        "ratio": round(value / baseline, 2),
        "goal": f"at most {GOAL_MEGABYTES} MB",
        "unit": "MB",
        "runs": 1,
        "broker": "none",
    }


def _grown_megabytes(file: Path, what: str) -> float:
    argv = [sys.executable, "-m", "bench.photos", what, str(file)]
    return float(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)  # noqa: S603  our own


def _grow(what: str, file: Path) -> None:
    """In a process of its own: say by how many MB it grows."""
    work = {"kept": lambda sent: kept_photo(BytesIO(sent)), "decoded": _decoded}[what]
    sent = file.read_bytes()
    Image.init()
    before = _kilobytes("VmRSS")
    work(sent)
    sys.stdout.write(f"{(_kilobytes('VmHWM') - before) / 1024:.1f}")


def _kilobytes(name: str) -> int:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(name))


def measure_cpu() -> Figure:
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
    if len(sys.argv) == 3:
        _grow(sys.argv[1], Path(sys.argv[2]))
        return
    for figure in measure_photos():
        line = "{figure}: {value} {unit}; plain decode {baseline} {unit}; ratio {ratio} (goal {goal})\n"
        sys.stdout.write(line.format(**figure))


if __name__ == "__main__":
    main()
