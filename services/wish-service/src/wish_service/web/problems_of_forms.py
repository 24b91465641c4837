"""A form of few fields that doesn't fit is answered like any other bad input: as a problem, here a page."""

from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], values: Mapping[str, Any]) -> Model:
    """The form as a model; empty fields count as absent. Raises: RequestValidationError, answered with 422."""
    filled = {name: value for name, value in values.items() if value not in ("", None)}
    try:
        return model.model_validate(filled)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None
