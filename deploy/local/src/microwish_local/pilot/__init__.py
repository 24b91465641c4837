"""The sample district, loaded into a running stack through its HTTP API alone.

district    the CSV files as typed rows
plan        what has to happen, in which order
desk        who is signed in; commands dated back
loader      sign in, register, live through (with journeys: one wish; work: many at once)
totals      does the stack count what the files say?
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from microwish_local.client import Client, Refused, Silent
from microwish_local.pilot.desk import Desk
from microwish_local.pilot.district import BadSample, read_district
from microwish_local.pilot.loader import HANDS, Loader
from microwish_local.pilot.totals import WrongTotals, expected_totals, wait_for_totals
from microwish_local.processes import StartFailed
from microwish_local.routes import Service

__all__ = ["LoadFailed", "load"]


class LoadFailed(StartFailed):
    """The sample is not loaded, or not wholly. The message is one sentence with the remedy."""


async def load(
    base_url: str, data_dir: Path, *, services: Mapping[Service, str] | None = None, console: Console | None = None
) -> float:
    """Load `data_dir/pilot` and see that the statistics agree with it; the seconds it took. May be run again.

    services: their own addresses, where they are known; else everything goes through the gateway at `base_url`.
    Raises: LoadFailed.
    """
    console = console or Console(highlight=False)
    began = time.monotonic()
    try:
        district = read_district(data_dir / "pilot")
        async with Client(base_url, services or {}, connections=HANDS + 4) as client:
            desk = Desk(client, district, datetime.now(UTC))
            split = await _load(desk, console)
            totals = await wait_for_totals(client, expected_totals(district))
    except (BadSample, OSError) as fault:
        raise LoadFailed(f"The sample can't be read: {fault}") from fault
    except (Refused, Silent) as fault:
        raise LoadFailed(f"The sample was not loaded wholly: {fault}. Running it again goes on from there.") from fault
    except WrongTotals as fault:
        raise LoadFailed(f"The sample is loaded, but the statistics don't agree with it: {fault}") from fault
    took = time.monotonic() - began
    console.print(f"✓ {totals} · {took:.1f} s ({split})", markup=False, soft_wrap=True)
    return took


async def _load(desk: Desk, console: Console) -> str:
    """Load with a progress bar; what each part took, in words."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("")
        loader = Loader(desk, advanced=lambda: progress.advance(bar))
        progress.update(bar, total=loader.size)
        parts: dict[str, tuple[str, Callable[[], Awaitable[None]]]] = {
            "sign-ins": ("居民、单位、社区登录 / signing in", loader.sign_everybody_in),
            "organisations": ("登记单位 / organisations", loader.register_organisations),
            "wishes": ("心愿 / wishes", loader.live_through),
        }
        split = []
        for name, (description, part) in parts.items():
            began = time.monotonic()
            progress.update(bar, description=description)
            await part()
            split.append(f"{name} {time.monotonic() - began:.1f} s")
    return ", ".join(split)
