"""The facts behind the statistics: one gated row per wish with its adoptions, and the cells that it counts in.

    counts: null before the wish is posted, else {community, category, campaign, moments: {posted, claimed, confirmed,
            fulfilled: time or null}, months: {posted, …: "2026-02" or null}, holders: [{kind, id, month}]}
    cells:  keys of the smallest cells (`cells.py`) that `counts` adds to
    dirty:  keys of the cells to be counted again, before and after every change since they were marked; absent if none
    touch:  counts the changes of `counts`, so that `dirty` is only cleared if nothing was added to it meanwhile

All of it is written in the update that applies the event: a change that was applied is never forgotten.
"""

from typing import Any

from microwish.store.mongo import ASCENDING, Database, Document, IndexModel
from microwish.store.views import View
from wish_service.views.derived import HOLDERS, first

ALL = "all"
"""The root of the cells that count every wish; the others are the ids of campaigns."""

LEAF_DIGITS = 12
MOMENTS = ("posted", "claimed", "confirmed", "fulfilled")

_MOMENTS: Document = {
    "posted": "$wish.posted_at",
    "claimed": first("$holders.claimed_at"),
    "confirmed": first("$wish.confirmed_at"),
    "fulfilled": {"$cond": [{"$eq": ["$wish.ended", "fulfilled"]}, "$wish.ended_at", None]},
}

_IS_POSTED: Document = {
    "$and": [
        {"$eq": [{"$type": "$wish.posted_at"}, "date"]},
        {"$eq": [{"$strLenCP": {"$ifNull": ["$wish.community.code", ""]}}, LEAF_DIGITS]},
    ]
}


def _month(moment: Any, zone: str) -> Document:
    return {"$dateToString": {"date": moment, "format": "%Y-%m", "timezone": zone, "onNull": None}}


def _counts(zone: str) -> Document:
    # Who holds a slot together with another took part as well, from the same month on.
    month = _month("$$this.claimed_at", zone)
    lead = {"kind": "$$this.kind", "id": "$$this.organisation_id", "month": month}
    partner = {"kind": "$$one.kind", "id": "$$one.organisation_id", "month": month}
    partners = {"$map": {"input": {"$ifNull": ["$$this.partners", []]}, "as": "one", "in": partner}}
    holders = {"$concatArrays": ["$$value", [lead], partners]}
    counts = {
        "community": "$wish.community.code",
        "category": "$wish.category",
        "campaign": {"$ifNull": ["$wish.campaign", None]},
        "moments": _MOMENTS,
        "months": {name: _month(moment, zone) for name, moment in _MOMENTS.items()},
        "holders": {"$reduce": {"input": "$holders", "initialValue": [], "in": holders}},
    }
    return {"$cond": [_IS_POSTED, counts, None]}


def _leaves(root: Any) -> Document:
    """The keys of the cells under a root: one for each month in which something of the wish happened."""
    happened = {"$setUnion": [[f"$_new.months.{name}" for name in MOMENTS], "$_new.holders.month"]}
    key = {"$concat": [root, "|", "$_new.community", "|", "$$month", "|", "$_new.category"]}
    return {"$map": {"input": {"$setDifference": [happened, [None]]}, "as": "month", "in": key}}


_CELLS: Document = {
    "$cond": [
        {"$eq": ["$_new", None]},
        [],
        {
            "$concatArrays": [
                _leaves(ALL),
                {"$cond": [{"$eq": ["$_new.campaign", None]}, [], _leaves("$_new.campaign")]},
            ]
        },
    ]
}

_OLD_CELLS: Document = {"$ifNull": ["$cells", []]}
_CHANGED: Document = {"$ne": [{"$ifNull": ["$counts", None]}, "$_new"]}
_DIRTY: Document = {
    "$setUnion": [{"$ifNull": ["$dirty", []]}, {"$cond": ["$_changed", {"$setUnion": [_OLD_CELLS, "$_cells"]}, []]}]
}


def derive(zone: str) -> list[Document]:
    """The stages that follow every change of a row; months are those of this time zone."""
    return [
        *HOLDERS,
        {"$set": {"_new": _counts(zone)}},
        {"$set": {"_cells": _CELLS, "_changed": _CHANGED}},
        {"$set": {"dirty": _DIRTY, "touch": {"$add": [{"$ifNull": ["$touch", 0]}, {"$cond": ["$_changed", 1, 0]}]}}},
        {
            "$set": {
                "counts": "$_new",
                "cells": "$_cells",
                "dirty": {"$cond": [{"$eq": ["$dirty", []]}, "$$REMOVE", "$dirty"]},
                "dirty_since": {"$cond": [{"$eq": ["$dirty", []]}, "$$REMOVE", {"$ifNull": ["$dirty_since", "$$NOW"]}]},
            }
        },
        {"$unset": ["_new", "_cells", "_changed"]},
    ]


INDEXES = [
    IndexModel([("cells", ASCENDING)], name="cells"),
    IndexModel([("dirty_since", ASCENDING)], name="dirty", partialFilterExpression={"dirty_since": {"$exists": True}}),
]


def facts_view(db: Database, zone: str) -> View:
    """The view; `open` it before use. zone: name of the time zone in which months are counted."""
    return View(db, "facts", derive=derive(zone), indexes=INDEXES)


async def complete_old_rows(facts: View, zone: str) -> None:
    """Derive anew the rows that an older release wrote; does nothing where there are none."""
    await facts.rows.update_many({"cells": {"$exists": False}}, derive(zone))
