"""What every answer is, and how a route names its own, for the API's documentation (design, section 8).

Nothing is checked or copied while the service answers, for speed: that every answer is as its model says is shown by
`tests/integration/test_contract.py`, which also refuses fields that no model names. Readers should bear more.
Times are RFC 3339 in UTC, days are `2026-02-17`, ids are UUIDs, money is in fen.
"""

from typing import Any

from pydantic import BaseModel


class Answer(BaseModel):
    """Base of answers."""


def answers(by_default: Any, status: int = 200, **others: Any) -> dict[str, Any]:
    """What a route's decorator takes to say what it answers: `status_code` and the model, or models that it may be.

    others: further statuses by name, such as `accepted_202=ImportAccepted`.
    """
    told = {status: {"model": by_default}}
    told |= {int(name.rpartition("_")[2]): {"model": model} for name, model in others.items()}
    return {"status_code": status, "response_model": None, "responses": told}


class Listed(Answer):
    """Base of lists: the cursor leads to the next page; null on the last."""

    next_cursor: str | None


class Place(Answer):
    """A division by its code; the name is null where it is not known any more."""

    code: str
    name: str | None


FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
