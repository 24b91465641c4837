"""Answers with figures."""

from pydantic import Field

from microwish.events import Category
from wish_service.web.answers.base import Answer, Place


class _Figures(Answer):
    posted: int | None
    claimed: int | None
    confirmed: int | None
    fulfilled: int | None
    organisations: dict[str, int] | None = Field(description="How many took part, by kind.")
    median_days_to_claim: float | None
    median_days_to_confirm: float | None
    median_days_from_posted_to_confirm: float | None


class MonthFigures(_Figures):
    """The figures of a month, such as 2026-02."""

    month: str


class CategoryFigures(_Figures):
    """The figures of a category; null where the group is too small to be told."""

    category: Category
    suppressed: bool | None = None


class PlaceFigures(_Figures):
    """The figures of a division."""

    code: str
    name: str | None


class CellFigures(MonthFigures):
    """The figures of a month and a category."""

    category: Category


class Totals(_Figures):
    """The figures of everything that was asked for."""


class Stats(Answer):
    """What was asked, claimed and done. areas: the divisions one level below."""

    community: Place | None
    since: str | None = Field(alias="from")
    until: str | None = Field(alias="to")
    campaign: str | None
    totals: Totals
    months: list[MonthFigures]
    categories: list[CategoryFigures]
    communities: list[PlaceFigures]
    areas: list[PlaceFigures]


class ExactStats(Stats):
    """The same for staff, nothing hidden."""

    cells: list[CellFigures]
