"""Another member of the organisation handles the adoption from now on."""

from dataclasses import dataclass, replace

from adoption_service.domain.adoption import Step
from adoption_service.domain.claims import Claims, Decided
from adoption_service.domain.tending import Act, about, decided
from microwish.events.adoption import HandlerNamed


@dataclass(frozen=True)
class Handler:
    """Who goes to the door from now on. name, door_code: sealed for the wish."""

    person_id: str
    name: str
    door_code: str


def name_handler(claims: Claims, adoption_id: str, act: Act, *, handler: Handler) -> Decided | None:
    """Hand the errand to somebody else, with a door code that the one before does not know; None if it is the same.

    Raises: NotFound, NotActive.
    """
    before = claims.adoption(adoption_id).stepped(Step.NAME_HANDLER, at=act.when.at)
    if before.handler_id == handler.person_id:
        return None
    after = replace(before, handler_id=handler.person_id, handler_name=handler.name, door_code=handler.door_code)
    fields = {**about(claims, after, act.by), "handler_name": handler.name, "door_code": handler.door_code}
    return decided(claims, after, HandlerNamed.model_validate(fields))
