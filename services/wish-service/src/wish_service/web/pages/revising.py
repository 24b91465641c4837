"""Changing a wish before it is published, or how to reach its resident.

By the resident, or by staff for somebody without an account, who can't sign in (代办).
"""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from microwish.events import Category
from microwish.identity.people import Person
from microwish.web.pages.kit import put_notice, see_other
from wish_service.domain.access import as_owner_or_proxy, owns
from wish_service.domain.errors import InvalidInput, WrongState
from wish_service.domain.states import Step
from wish_service.domain.wish import Wish, steps_from
from wish_service.use_cases.revise_wish import ReviseWish, revise_wish
from wish_service.web.api.wishes import revision_of
from wish_service.web.pages import asking
from wish_service.web.pages.frame import Errors, checked, form_of, page, summary, told_faults
from wish_service.web.parts import Order, OrderHere, Parts, PartsHere, PersonHere
from wish_service.web.present import own_wish
from wish_service.web.schemas import ContactIn, WishChange

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class _Form:
    """A page that changes something of a wish, at the resident's address or at the desk's."""

    request: Request
    parts: Parts
    person: Person
    wish: Wish

    @property
    def back(self) -> str:
        """Where its wish is shown."""
        return f"/mine#wish-{self.wish.id}" if owns(self.person, self.wish) else f"/desk?wish={self.wish.id}"

    def shown(self, template: str, values: dict[str, str], errors: Errors, **context: Any) -> HTMLResponse:
        """The form with these values and what is wrong with them."""
        return page(
            self.request,
            self.parts,
            template,
            self.person,
            status_code=422 if errors else 200,
            wish=own_wish(self.wish, self.parts.seals),
            own=owns(self.person, self.wish),
            action=self.request.url.path,
            back_to=self.back,
            values=values,
            errors=errors,
            error_list=summary(errors, self.request, self.parts),
            **context,
        )

    def revision(self, values: dict[str, str], errors: Errors) -> HTMLResponse:
        """The wish itself to be changed."""
        days = self.parts.settings.review_due_workdays
        asked = asking.shown(values, errors, self.wish.community.code, self.parts)
        return self.shown("revise.html", values, errors, days=days, **asked)

    def done(self, text: str) -> Response:
        """Back to the wish, with what is to be told."""
        answer = see_other(self.back)
        put_notice(self.request, answer, self.parts.pages.text(self.request, text))
        return answer


@router.get("/mine/{wish_id}/revise")
@router.get("/desk/{wish_id}/revise")
async def ask_revision(request: Request, wish_id: str, parts: PartsHere, person: PersonHere) -> HTMLResponse:
    """The wish to be changed, with what staff said about it."""
    form = await _form(request, parts, person, wish_id, Step.REVISE)
    known, fen = own_wish(form.wish, parts.seals), form.wish.estimated_value_fen
    category, yuan = form.wish.category.value, str(fen // 100) if fen else ""
    return form.revision({**known["original"], "category": category, "value_yuan": yuan}, {})


@router.post("/mine/{wish_id}/revise")
@router.post("/desk/{wish_id}/revise")
async def revise(request: Request, wish_id: str, order: OrderHere) -> Response:
    """Keep the change; the wish goes back to staff."""
    form, values = await _form(request, order.parts, order.person, wish_id, Step.REVISE), await form_of(request)
    given, errors = checked(WishChange, _change_in(values), request, order.parts)
    errors = errors or await _refused(form, revision_of(given or WishChange()), order)
    if errors:
        filled = {"title": "", "detail": "", "category": Category.OTHER.value, **values}
        return form.revision(filled, asking.in_the_form(errors))
    return form.done("mine.revised" if owns(order.person, form.wish) else "desk.revised")


@router.get("/mine/{wish_id}/correction")
@router.get("/desk/{wish_id}/correction")
async def ask_contact(request: Request, wish_id: str, parts: PartsHere, person: PersonHere) -> HTMLResponse:
    """How to reach the resident from now on; what was known before is not shown in full."""
    return (await _form(request, parts, person, wish_id, Step.CORRECT_CONTACT)).shown("correction.html", {}, {})


@router.post("/mine/{wish_id}/correction")
@router.post("/desk/{wish_id}/correction")
async def correct(request: Request, wish_id: str, order: OrderHere) -> Response:
    """Keep the new contact; nothing needs to be reviewed."""
    form = await _form(request, order.parts, order.person, wish_id, Step.CORRECT_CONTACT)
    values = await form_of(request)
    given, errors = checked(ContactIn, values, request, order.parts)
    errors = errors or await _refused(form, ReviseWish(contact=given.opened() if given else None), order)
    return form.shown("correction.html", values, errors) if errors else form.done("contact.corrected")


async def _form(request: Request, parts: Parts, person: Person, wish_id: str, step: Step) -> _Form:
    """Raises: NotAllowed, Hidden, OtherCommunity, WrongState."""
    wish = await parts.wishes.load(wish_id)
    as_owner_or_proxy(person, wish)
    if step not in steps_from(wish.status):
        raise WrongState(wish.status.value, step.value)
    return _Form(request, parts, person, wish)


async def _refused(form: _Form, command: ReviseWish, order: Order) -> Errors:
    """Take the change, or say what is wrong with it."""
    try:
        await revise_wish(form.wish.id, command, order.asked, ceiling_of=order.parts.settings.ceiling_of)
    except InvalidInput as invalid:
        return told_faults(invalid.faults, form.request, form.parts)
    return {}


def _change_in(values: dict[str, str]) -> dict[str, Any]:
    """The form as a change: an emptied text is a change, an emptied value none."""
    given = values.get("value_yuan", "").strip()
    fen = asking.fen_of(values)
    return {**values, "detail": values.get("detail", ""), "estimated_value_fen": given if fen is None else fen}
