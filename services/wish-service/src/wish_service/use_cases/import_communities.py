"""Read the tree of divisions from its file."""

import csv
from pathlib import Path

from microwish.when import When
from wish_service.store.communities import Communities, Division


async def import_communities(path: Path, *, tree: Communities, when: When) -> int:
    """Save what is new or renamed in `code,name,parent` (UTF-8, a header line); returns how many changed.

    Raises: OSError, KeyError for a file of another shape.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:  # once, before anything is served
        rows = list(csv.DictReader(file))
    divisions = [Division(row["code"].strip(), row["name"].strip(), row["parent"].strip() or None) for row in rows]
    return await tree.save(divisions, when=when)
