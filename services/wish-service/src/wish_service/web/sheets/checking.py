"""A file that somebody wants to import, checked as a whole: what it holds, and everything that is wrong with it."""

from dataclasses import dataclass
from typing import Any

from microwish.identity.people import Person
from microwish.web.texts import Catalogue, Language
from wish_service.use_cases.import_wishes import Rules, WishRow, check_rows
from wish_service.web.sheets.reading import read_table
from wish_service.web.sheets.rows import Finding, Sheet, SheetReader, ordered
from wish_service.web.sheets.table import Limits
from wish_service.web.sheets.values import CampaignNames, CommunityNames


@dataclass(frozen=True)
class CheckedFile:
    """findings: from the top of the table to its bottom; none: all of it can be imported."""

    sheet: Sheet
    findings: tuple[Finding, ...]

    @property
    def rows(self) -> tuple[WishRow, ...]:
        """The rows whose cells can be read."""
        return self.sheet.rows

    @property
    def bad(self) -> int:
        """How many rows are at fault, the line of headings counted like one."""
        return len({finding.row for finding in self.findings})

    def told(self) -> dict[str, Any]:
        """It as an answer."""
        table = self.sheet.table
        return {
            "format": table.kind,
            "encoding": table.encoding,
            "rows": len(table.rows),
            "bad_rows": self.bad,
            "ignored_columns": self.sheet.ignored,
            "errors": [finding.told() for finding in self.findings],
        }


def check_file(data: bytes, person: Person, rules: Rules, catalogue: Catalogue, language: Language) -> CheckedFile:
    """Read and check every row. Seconds of work for a large file: for a thread, not for the event loop.

    Raises: UnusableFile.
    """
    table = read_table(data, Limits(rows=rules.settings.import_max_rows))
    communities = CommunityNames(rules.tree.all(), person.serves)
    campaigns = CampaignNames(rules.campaigns, rules.at.astimezone(rules.settings.zone).date())
    reader = SheetReader(table, communities, campaigns, catalogue, language)
    sheet = reader.read()
    found = [*sheet.findings, *reader.of_rules(check_rows(sheet.rows, person, rules))]
    return CheckedFile(sheet, tuple(ordered(found)))
