"""Take the tree of divisions from a list: a file at start, or what an admin hands in."""

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

from microwish.when import When
from wish_service.domain.divisions import BadCell, Division, Row, bad_cells
from wish_service.domain.errors import Fault, InvalidInput
from wish_service.store.communities import Communities
from wish_service.store.community_imports import CommunityImports

COLUMNS = ("code", "name", "parent")
ROWS_AT_MOST = 20_000


@dataclass(frozen=True)
class Outcome:
    """What a list does to the tree, or would do."""

    added: int
    renamed: int
    unchanged: int


async def import_communities(path: Path, *, tree: Communities, imports: CommunityImports, when: When) -> int:
    """Save what is new or renamed in `code,name,parent` (UTF-8, a header line); returns how many changed.

    The same file again changes nothing: admins may have renamed or moved communities since.
    Raises: OSError, and InvalidInput that names every bad cell: a service with half a tree is worse than none.
    """
    with path.open("rb") as file:  # once, before anything is served
        content = file.read()
    await tree.refresh()
    rows = read_rows(content.decode("utf-8-sig"), at_most=None)
    # A file that still lists a community that moved is no fault: what is moved stays where it is.
    if bad := bad_cells(rows, tree.codes(), moved=()):
        raise InvalidInput([_fault(cell) for cell in bad])
    return await imports.take_file(hashlib.sha256(content).hexdigest(), [row.division for row in rows], when=when)


async def take_communities(
    text: str, *, dry_run: bool, tree: Communities, imports: CommunityImports, when: When
) -> Outcome:
    """Save the whole list or, if one cell is at fault or it is only tried, nothing.

    Raises: InvalidInput that names every bad cell as `rows.<row>.<column>`, the heading being row 1.
    """
    await tree.refresh()
    rows = read_rows(text)
    moved = frozenset(tree.moves())
    if bad := bad_cells(rows, tree.codes(), moved):
        raise InvalidInput([_fault(cell) for cell in bad])
    divisions = [row.division for row in rows]
    outcome = _outcome(divisions, tree)
    if not dry_run:
        await imports.take(divisions, when=when)
    return outcome


def read_rows(text: str, *, at_most: int | None = ROWS_AT_MOST) -> list[Row]:
    """The lines of a CSV with the heading code,name,parent; empty ones are left out. Raises: InvalidInput."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        lines = [(reader.line_num, [cell.strip() for cell in line]) for line in reader]
    except csv.Error:
        raise InvalidInput([Fault("file", "division.not_csv")]) from None
    lines = [(number, cells) for number, cells in lines if any(cells)]
    heading = [cell.lower() for cell in lines[0][1]] if lines else []
    if missing := [column for column in COLUMNS if column not in heading]:
        raise InvalidInput([Fault(f"rows.1.{column}", "division.column_missing") for column in missing])
    if at_most is not None and len(lines) - 1 > at_most:
        raise InvalidInput([Fault("file", "division.too_many", {"most": at_most})])
    places = [heading.index(column) for column in COLUMNS]
    return [Row(number, *(cells[at] if at < len(cells) else "" for at in places)) for number, cells in lines[1:]]


def _outcome(divisions: list[Division], tree: Communities) -> Outcome:
    known = [tree.division(one.code) for one in divisions]
    added = sum(one is None for one in known)
    same = sum(
        had is not None and (had.name, had.parent) == (one.name, one.parent)
        for one, had in zip(divisions, known, strict=True)
    )
    return Outcome(added, len(divisions) - added - same, same)


def _fault(cell: BadCell) -> Fault:
    return Fault(f"rows.{cell.row}.{cell.column}", cell.problem)
