"""Closing one's account: what it means in plain words, a tick that one has understood, and then it is done."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from microwish.identity.guards import close_session
from microwish.identity.people import Person
from microwish.web.pages.kit import put_notice, see_other
from wish_service.web.pages.frame import Errors, form_of, page
from wish_service.web.parts import Parts, PartsHere, PersonHere

router = APIRouter(include_in_schema=False)


@router.get("/mine/account")
async def account(request: Request, parts: PartsHere, person: PersonHere) -> HTMLResponse:
    """What happens, and the way to go on."""
    return _page(request, parts, person, {})


@router.post("/mine/account/erasure")
async def close_account(request: Request, parts: PartsHere, person: PersonHere) -> Response:
    """注销账号并删除我的信息, for whoever ticked that they have understood."""
    if (await form_of(request)).get("sure") != "yes":
        return _page(request, parts, person, {"sure": parts.pages.text(request, "me.tick")})
    await parts.erasures.erase(person)
    answer = see_other("/")
    close_session(request, answer)
    put_notice(request, answer, parts.pages.text(request, "me.done"))
    return answer


def _page(request: Request, parts: Parts, person: Person, errors: Errors) -> HTMLResponse:
    return page(request, parts, "account.html", person, status_code=422 if errors else 200, errors=errors)
