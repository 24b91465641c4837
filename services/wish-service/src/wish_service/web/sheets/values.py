"""What people write into cells, as the values that a new wish takes."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from microwish.events import Category
from microwish.privacy.phones import InvalidPhone, normalise_phone
from microwish.web.pages.texts import KIT_TEXTS
from wish_service.domain.campaign import Campaign, CampaignState
from wish_service.domain.consents import ConsentBasis
from wish_service.domain.divisions import LEAF_DIGITS, Division
from wish_service.domain.errors import Fault
from wish_service.web.sheets.table import Cell
from wish_service.web.texts_of_sheets import SHEETS

_YES = frozenset({"是", "有", "同意", "已同意", "√", "✓", "y", "yes", "true", "1"})
_NO = frozenset({"否", "不是", "无", "没有", "不同意", "未同意", "×", "n", "no", "false", "0"})
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,2}")
_YUAN = re.compile(r"[¥￥]?(\d{1,9}(?:,\d{3})*(?:\.\d{1,2})?)(?:元|yuan|rmb)?", re.IGNORECASE)


class CellFault(Exception):
    """The cell doesn't say what its column asks for."""

    def __init__(self, problem: str, **values: object) -> None:
        super().__init__(problem)
        self.problem, self.values = problem, values

    def of(self, field: str) -> Fault:
        """It as a fault of that field."""
        return Fault(field, f"field.{self.problem}", self.values)


Read = Callable[[Cell], object]


def words(cell: Cell) -> str:
    """The text as it is; the body's own types say what it may be."""
    return cell.text


def yes_or_no(cell: Cell) -> bool:
    """是 or 否, in any of the ways people say it. Raises: CellFault."""
    said = unicodedata.normalize("NFKC", cell.text).casefold()
    if said in _YES or said in _NO:
        return said in _YES
    raise CellFault("yes_or_no")


def fen(cell: Cell) -> int:
    """An amount in yuan (`50`, `¥1,200.50`, `300 元`) as fen. Raises: CellFault."""
    said = _YUAN.fullmatch(unicodedata.normalize("NFKC", cell.text).replace(" ", "").replace("￥", "¥"))
    try:
        return int(Decimal(said[1].replace(",", "")) * 100) if said else _refuse_amount()
    except InvalidOperation:
        return _refuse_amount()


def _refuse_amount() -> int:
    raise CellFault("yuan")


def phone(cell: Cell) -> str:
    """The phone as written; digits that a spreadsheet program has lost are named as that. Raises: CellFault."""
    _refuse_mangled(cell)
    if cell.number:
        try:
            normalise_phone(cell.text)
        except InvalidPhone:
            raise CellFault("phone_as_number") from None
    return cell.text


def _refuse_mangled(cell: Cell) -> None:
    if _SCIENTIFIC.fullmatch(unicodedata.normalize("NFKC", cell.text)):
        raise CellFault("mangled_number", text=cell.text)


def _categories() -> Mapping[str, Category]:
    names = {category.value: category for category in Category}
    for language in ("zh", "en"):
        names |= {KIT_TEXTS.text(f"category.{one}", language).casefold(): one for one in Category}
    return names


_CATEGORIES = _categories()


def category(cell: Cell) -> Category:
    """A category by its code or its name in either language. Raises: CellFault."""
    found = _CATEGORIES.get(unicodedata.normalize("NFKC", cell.text).casefold())
    if found is None:
        raise CellFault("category_unknown", names="、".join(KIT_TEXTS.text(f"category.{one}") for one in Category))
    return found


_BASES: Mapping[str, ConsentBasis] = {
    name.casefold(): one for one in ConsentBasis for name in (one.value, *SHEETS[f"sheet.basis.{one}"])
}


def basis(cell: Cell) -> ConsentBasis:
    """How staff know of the consent, by its code or name. Raises: CellFault."""
    found = _BASES.get(unicodedata.normalize("NFKC", cell.text).casefold())
    if found is None:
        raise CellFault("basis_unknown", names="、".join(SHEETS[f"sheet.basis.{one}"][0] for one in ConsentBasis))
    return found


class CommunityNames:
    """Communities by code or by name; of equal names the one that the person serves is meant, if it is just one."""

    def __init__(self, tree: Iterable[Division], serves: Callable[[str], bool]) -> None:
        self._codes: dict[str, list[str]] = {}
        self._serves = serves
        by_code = {division.code: division for division in tree}
        for division in by_code.values():
            if len(division.code) == LEAF_DIGITS:
                for name in _names_of(division, by_code.get(division.parent or "")):
                    self._codes.setdefault(name, []).append(division.code)

    def code(self, cell: Cell) -> str:
        """The code that a cell names. Raises: CellFault."""
        _refuse_mangled(cell)
        said = "".join(unicodedata.normalize("NFKC", cell.text).split())
        if said.isascii() and said.isdigit():
            return said
        found = self._codes.get(said, [])
        served = [code for code in found if self._serves(code)]
        if not found:
            raise CellFault("community_unknown")
        if len(served or found) > 1:
            raise CellFault("community_ambiguous", codes="、".join(served or found))
        return (served or found)[0]


def _names_of(division: Division, parent: Division | None) -> set[str]:
    own = {division.name, division.shown_name}
    return {"".join(name.split()) for name in (*own, *(parent.shown_name + name for name in own if parent))}


class CampaignNames:
    """Campaigns by id or name; of equal names one for the wish's place, that runs, and that starts last."""

    def __init__(self, campaigns: Iterable[Campaign], today: date) -> None:
        self._named: dict[str, list[Campaign]] = {}
        for one in sorted(campaigns, key=lambda one: (one.state(today) is CampaignState.RUNNING, one.starts_on)):
            for name in (one.id, _plain(one.name)):
                self._named.setdefault(name, []).append(one)

    def known(self, cell: Cell) -> str:
        """The name or id, if a campaign has it. Raises: CellFault."""
        if _plain(cell.text) not in self._named:
            raise CellFault("no_such_campaign")
        return cell.text

    def id(self, said: str, community: str) -> str:
        """The id of the campaign of this known name that is meant for a wish of this community."""
        found = self._named[_plain(said)]
        here = [one for one in found if one.is_for(community)]
        return (here or found)[-1].id


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def reader_of(field: str, communities: CommunityNames, campaigns: CampaignNames) -> Read:
    """How the cells of a column are read."""
    special: dict[str, Read] = {
        "category": category,
        "community": communities.code,
        "campaign": campaigns.known,
        "contact.phone": phone,
        "estimated_value": fen,
        "on_behalf": yes_or_no,
        "on_behalf.basis": basis,
        "beneficiary.under_14": yes_or_no,
    }
    return yes_or_no if field.startswith("consents.") else special.get(field, words)
