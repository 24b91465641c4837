"""The derived fields of a public row, computed from its parts in the same update as every change."""

from typing import Any

from microwish.store.mongo import Document


def _list(path: str) -> Document:
    return {"$ifNull": [f"${path}", []]}


def _times(path: str) -> Document:
    """How often the adoption at hand is named in a list."""
    return {"$size": {"$filter": {"input": _list(path), "as": "named", "cond": {"$eq": ["$$named", "$$one.id"]}}}}


# An adoption is delivered while it was reported more often than disputed; a confirmation outlives every end.
_STATE: Document = {
    "$switch": {
        "branches": [
            {"case": {"$in": ["$$one.id", _list("wish.confirmed")]}, "then": "confirmed"},
            {"case": {"$in": ["$$one.id", _list("claims.ended")]}, "then": "ended"},
            {"case": {"$gt": [_times("claims.delivered"), _times("wish.disputed")]}, "then": "delivered"},
        ],
        "default": "active",
    }
}

# Of what was said about the partners of the adoption at hand the last holds; nothing is kept where there are none.
_SAID: Document = {
    "$filter": {"input": _list("claims.together"), "as": "said", "cond": {"$eq": ["$$said.id", "$$one.id"]}}
}
_TOGETHER: Document = {
    "$let": {
        "vars": {"last": {"$last": _SAID}},
        "in": {"$cond": [{"$eq": [{"$ifNull": ["$$last.partners", []]}, []]}, {}, {"partners": "$$last.partners"}]},
    }
}

_ADOPTIONS: Document = {
    "$map": {
        "input": _list("claims.adoptions"),
        "as": "one",
        "in": {"$mergeObjects": ["$$one", {"state": _STATE}, _TOGETHER]},
    }
}

_HOLDING: Document = {"$filter": {"input": _ADOPTIONS, "as": "one", "cond": {"$ne": ["$$one.state", "ended"]}}}

_ROAD: Document = {
    "$switch": {
        "branches": [
            {"case": {"$lt": ["$held", "$wish.slots"]}, "then": "posted"},
            {"case": {"$in": ["active", "$holders.state"]}, "then": "adopted"},
        ],
        "default": "delivered",
    }
}

_STATUS: Document = {
    "$cond": [
        {"$eq": [{"$type": "$wish.posted_at"}, "missing"]},
        None,
        {"$ifNull": ["$wish.ended", _ROAD]},
    ]
}

PUBLIC_STATES = ["posted", "adopted", "delivered", "fulfilled"]

HOLDERS: list[Document] = [
    {"$set": {"holders": _HOLDING}},
    {"$set": {"held": {"$size": "$holders"}}},
]

STATUS: list[Document] = [
    *HOLDERS,
    {"$set": {"status": _STATUS}},
    {"$set": {"public": {"$in": ["$status", PUBLIC_STATES]}}},
]


def first(expression: Any) -> Document:
    """The smallest value of a list, null for an empty one."""
    return {"$min": expression}
