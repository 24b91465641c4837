"""Sign in by phone, and who one is."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from microwish.identity.guards import close_session, open_session
from microwish.identity.people import Person
from microwish.ids import uuid7
from microwish.when import When
from wish_service.use_cases.request_code import request_code
from wish_service.use_cases.sign_in import Session, sign_in
from wish_service.web.answers.base import answers
from wish_service.web.answers.people import Challenge, KeySet, Me
from wish_service.web.answers.people import Session as SessionAnswer
from wish_service.web.parts import Parts, PartsHere, PersonHere
from wish_service.web.schemas import AskCode, OpenSession

router = APIRouter(tags=["sign-in"])


@router.post("/api/signin/codes", **answers(Challenge, 202))
async def ask_code(request: Request, body: AskCode, parts: PartsHere) -> dict[str, Any]:
    """Send a code to the phone; it lives for `expires_in` seconds and bears five tries."""
    challenge_id, expires_in = await issue_code(request, parts, body.phone)
    return {"challenge_id": challenge_id, "expires_in": expires_in}


@router.post("/api/signin/sessions", **answers(SessionAnswer, 201))
async def open_a_session(request: Request, body: OpenSession, parts: PartsHere) -> JSONResponse:
    """A token for who knows the code; also set as the HttpOnly cookie of the pages."""
    session = await redeem(parts, body.challenge_id, body.code)
    answer = JSONResponse({"token": session.token, "person": person_of(session.person)}, 201)
    open_session(request, answer, session.token, parts.settings.session_seconds)
    return answer


@router.delete("/api/signin/sessions", status_code=204)
async def leave(request: Request, _person: PersonHere) -> Response:
    """Remove the cookie; a token ends by itself."""
    answer = Response(status_code=204)
    close_session(request, answer)
    return answer


@router.get("/api/me", **answers(Me))
async def me(person: PersonHere) -> dict[str, Any]:
    """Who the token names."""
    return {**person_of(person), "communities": list(person.communities)}


@router.delete("/api/me", status_code=204)
async def forget_me(request: Request, person: PersonHere, parts: PartsHere) -> Response:
    """Forget the caller for good: their wishes that can be are withdrawn, and nothing personal stays.

    The cookie is removed, and their tokens are 401 from now on. Signing in again makes a new person.
    """
    await parts.erasures.erase(person)
    answer = Response(status_code=204)
    close_session(request, answer)
    return answer


@router.get("/.well-known/jwks.json", **answers(KeySet))
async def jwks(parts: PartsHere) -> JSONResponse:
    """The public keys that sign sessions (RFC 7517)."""
    return JSONResponse(parts.signer.public_jwks(), headers={"Cache-Control": "public, max-age=300"})


async def issue_code(request: Request, parts: Parts, phone: str) -> tuple[str, int]:
    """Issue a code for this normalised phone: the challenge's id, and its life in seconds. Raises: TooManyCodes."""
    challenge_id = uuid7()
    expires_in = await request_code(
        phone,
        client_address(request, parts),
        id=challenge_id,
        challenges=parts.challenges,
        limits=parts.limits,
        seals=parts.seals,
        settings=parts.settings,
        random_below=parts.random_below,
        when=When.now(parts.clock),
    )
    return challenge_id, expires_in


async def redeem(parts: Parts, challenge_id: str, code: str) -> Session:
    """Open a session. Raises: CodeWrong, CodeExpired."""
    return await sign_in(
        challenge_id,
        code,
        challenges=parts.challenges,
        people=parts.people,
        signer=parts.signer,
        settings=parts.settings,
        when=When.now(parts.clock),
    )


def person_of(person: Person) -> dict[str, Any]:
    """A person in the answer to themselves."""
    return {"id": person.id, "phone_masked": person.phone_masked, "roles": sorted(role.value for role in person.roles)}


def client_address(request: Request, parts: Parts) -> str:
    """The caller's network address: the last hop that isn't a trusted proxy of ours."""
    address = request.client.host if request.client else "unknown"
    hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
    while hops and parts.settings.trusts_proxy(address):
        address = hops.pop()
    return address[:64]
