from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI, Form, Request, Response

from microwish.identity.guards import (
    Identity,
    close_session,
    commanded_at,
    csrf_protect,
    csrf_token,
    current_person,
    idempotency_key,
    keep_csrf_cookie,
    open_session,
    optional_person,
    require,
)
from microwish.identity.people import Person, Role
from microwish.identity.tokens import TokenSigner, generate_signing_keys
from microwish.web import problems
from microwish.web.texts import Catalogue
from microwish.when import When

NOW = datetime(2026, 6, 12, 9, 30, tzinfo=UTC)
SIGNER = TokenSigner.from_jwks(generate_signing_keys())
CSRF = "c" * 43
Client = Callable[..., httpx.AsyncClient]


def token(*roles: Role, person_id: str = "p1", lifetime_seconds: int = 60) -> str:
    return SIGNER.sign(person_id, list(roles), [], "", lifetime_seconds, NOW)


def bearer(*roles: Role, **options: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(*roles, **options)}"}


def build_app(as_of_allowed: bool) -> FastAPI:  # noqa: C901 - a list of small routes
    app = FastAPI()
    app.state.identity = Identity(SIGNER.key_set(), as_of_allowed, cookie_secure=True, clock=lambda: NOW)
    problems.install(app, Catalogue({}), {})

    @app.api_route("/me", methods=["GET", "POST"])
    async def me(person: Annotated[Person, Depends(current_person)]) -> str:
        return person.id

    @app.get("/maybe")
    async def maybe(person: Annotated[Person | None, Depends(optional_person)]) -> str | None:
        return person.id if person else None

    @app.get("/desk")
    async def desk(person: Annotated[Person, Depends(require(Role.STAFF, Role.ADMIN))]) -> str:
        return person.id

    @app.post("/form")
    async def form(person: Annotated[Person, Depends(current_person)], title: Annotated[str, Form()]) -> str:
        return title

    @app.post("/signin")
    async def signin(_: Annotated[None, Depends(csrf_protect)]) -> str:
        return "in"

    @app.get("/page")
    async def page(request: Request, response: Response) -> list[str]:
        tokens = [csrf_token(request), csrf_token(request)]
        keep_csrf_cookie(request, response)
        return tokens

    @app.post("/session")
    async def session(request: Request, response: Response) -> None:
        open_session(request, response, "t", 60)

    @app.delete("/session")
    async def no_session(request: Request, response: Response) -> None:
        close_session(request, response)

    @app.post("/dated")
    async def dated(when: Annotated[When, Depends(commanded_at)]) -> list[str | None]:
        return [when.at.isoformat(), when.recorded_at.isoformat(), when.recorded_by]

    @app.post("/keyed")
    async def keyed(key: Annotated[str | None, Depends(idempotency_key)]) -> str | None:
        return key

    return app


@pytest.fixture
def client() -> Client:
    def make(as_of_allowed: bool = True, **cookies: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(build_app(as_of_allowed))
        return httpx.AsyncClient(transport=transport, base_url="https://t", cookies=cookies)

    return make


async def test_a_bearer_token_and_a_cookie_both_name_the_person(client: Client) -> None:
    assert (await client().get("/me", headers=bearer())).json() == "p1"
    assert (await client(microwish_session=token()).get("/me")).json() == "p1"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic eDp5"},
        bearer(lifetime_seconds=0),
    ],
)
async def test_nobody_is_401_signed_out(client: Client, headers: dict[str, str]) -> None:
    answer = await client().get("/me", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == "signed_out"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_optional_is_none_without_or_with_an_old_cookie_but_401_for_a_bad_bearer(client: Client) -> None:
    assert (await client().get("/maybe")).json() is None
    assert (await client(microwish_session=token(lifetime_seconds=0)).get("/maybe")).json() is None
    assert (await client().get("/maybe", headers={"Authorization": "Bearer x"})).status_code == 401


@pytest.mark.parametrize(
    ("roles", "status"), [((), 403), ((Role.RESIDENT,), 403), ((Role.STAFF,), 200), ((Role.ADMIN, Role.OPS), 200)]
)
async def test_require_takes_any_of_its_roles(client: Client, roles: tuple[Role, ...], status: int) -> None:
    answer = await client().get("/desk", headers=bearer(*roles))
    assert answer.status_code == status
    assert status == 200 or answer.json()["code"] == "forbidden"


async def test_a_stranger_is_401_before_403(client: Client) -> None:
    assert (await client().get("/desk")).status_code == 401


@pytest.mark.parametrize("csrf", ["", "d" * 43, CSRF[:-1], "é"])
async def test_a_cookie_alone_changes_nothing(client: Client, csrf: str) -> None:
    browser = client(microwish_session=token(), microwish_csrf=CSRF)
    answer = await browser.post("/form", data={"title": "t", "csrf": csrf})
    assert answer.status_code == 403
    assert answer.json()["code"] == "csrf"
    assert (await browser.post("/me")).status_code == 403
    assert (await browser.post("/me", json={"csrf": CSRF})).status_code == 403


async def test_an_empty_cookie_does_not_match_an_empty_field(client: Client) -> None:
    browser = client(microwish_session=token())
    assert (await browser.post("/form", data={"title": "t", "csrf": ""})).status_code == 403


async def test_the_form_field_or_the_header_proves_our_page_and_the_form_is_still_readable(client: Client) -> None:
    browser = client(microwish_session=token(), microwish_csrf=CSRF)
    assert (await browser.post("/form", data={"title": "收音机", "csrf": CSRF})).json() == "收音机"
    multipart = await browser.post("/form", data={"title": "t", "csrf": CSRF}, files={"photo": b"x"})
    assert multipart.json() == "t"
    assert (await browser.post("/me", headers={"X-CSRF-Token": CSRF})).json() == "p1"


async def test_a_file_in_place_of_the_field_is_refused(client: Client) -> None:
    browser = client(microwish_session=token(), microwish_csrf=CSRF)
    assert (await browser.post("/form", data={"title": "t"}, files={"csrf": CSRF.encode()})).status_code == 403


async def test_a_cross_site_request_is_refused_even_with_the_field(client: Client) -> None:
    browser = client(microwish_session=token(), microwish_csrf=CSRF)
    answer = await browser.post("/me", headers={"X-CSRF-Token": CSRF, "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


async def test_a_bearer_token_needs_no_csrf(client: Client) -> None:
    assert (await client(microwish_session=token()).post("/me", headers=bearer())).status_code == 200


async def test_the_sign_in_form_is_protected_too(client: Client) -> None:
    assert (await client().post("/signin")).status_code == 403
    assert (await client(microwish_csrf=CSRF).post("/signin", data={"csrf": CSRF})).status_code == 200


async def test_one_csrf_value_per_browser(client: Client) -> None:
    async with client() as browser:
        first = await browser.get("/page")
        assert first.json()[0] == first.json()[1] == browser.cookies["microwish_csrf"]
        assert all(word in first.headers["set-cookie"] for word in ("HttpOnly", "Secure", "SameSite=lax"))
        second = await browser.get("/page")
        assert second.json() == first.json()
        assert "set-cookie" not in second.headers


async def test_the_session_cookie_is_out_of_reach_of_scripts(client: Client) -> None:
    opened = (await client().post("/session")).headers["set-cookie"]
    assert all(word in opened for word in ("microwish_session=t", "HttpOnly", "Secure", "SameSite=lax", "Max-Age=60"))
    assert "Max-Age=0" in (await client().delete("/session")).headers["set-cookie"]


PAST = "2026-01-05T10:00:00+08:00"


async def test_without_the_header_a_command_happens_now(client: Client) -> None:
    assert (await client().post("/dated")).json() == [NOW.isoformat(), NOW.isoformat(), None]


async def test_an_admin_dates_a_command(client: Client) -> None:
    answer = await client().post("/dated", headers={"Microwish-As-Of": PAST, **bearer(Role.ADMIN)})
    assert answer.json() == ["2026-01-05T02:00:00+00:00", NOW.isoformat(), "p1"]


async def test_an_admin_vouches_for_a_resident(client: Client) -> None:
    vouched = {"Microwish-As-Of": PAST, "Microwish-Recorder": token(Role.ADMIN, person_id="boss")}
    for headers in (bearer(Role.RESIDENT) | vouched, vouched):
        assert (await client().post("/dated", headers=headers)).json()[2] == "boss"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        bearer(Role.STAFF),
        bearer(Role.STAFF) | {"Microwish-Recorder": token(Role.STAFF)},
        bearer(Role.STAFF) | {"Microwish-Recorder": token(Role.ADMIN, lifetime_seconds=0)},
        bearer(Role.ADMIN) | {"Microwish-Recorder": "x"},
    ],
)
async def test_nobody_else_dates_a_command(client: Client, headers: dict[str, str]) -> None:
    answer = await client().post("/dated", headers={"Microwish-As-Of": PAST, **headers})
    assert answer.status_code == 403
    assert answer.json()["code"] == "as_of_refused"


async def test_where_the_setting_forbids_it_even_an_admin_is_refused(client: Client) -> None:
    answer = await client(as_of_allowed=False).post("/dated", headers={"Microwish-As-Of": PAST, **bearer(Role.ADMIN)})
    assert (answer.status_code, answer.json()["code"]) == (403, "as_of_refused")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-01-05",
        "2026-01-05T10:00:00",
        "2026-02-30T10:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "20260105T100000Z",
        (NOW + timedelta(seconds=1)).isoformat(),
    ],
)
async def test_a_time_that_is_malformed_or_to_come_is_422(client: Client, text: str) -> None:
    answer = await client().post("/dated", headers={"Microwish-As-Of": text, **bearer(Role.ADMIN)})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Microwish-As-Of"


@pytest.mark.parametrize("text", ["2026-01-05t02:00:00z", "2026-01-05T02:00:00.000Z", "2026-01-04T20:00:00-06:00"])
async def test_rfc_3339_spellings_are_taken(client: Client, text: str) -> None:
    answer = await client().post("/dated", headers={"Microwish-As-Of": text, **bearer(Role.ADMIN)})
    assert answer.json()[0] == "2026-01-05T02:00:00+00:00"


@pytest.mark.parametrize("key", ["k", "a b", "x" * 200, "01a2066f-fc19-7684-b1a6-96c5bf30f8bc"])
async def test_idempotency_keys_that_pass(client: Client, key: str) -> None:
    assert (await client().post("/keyed", headers={"Idempotency-Key": key})).json() == key


@pytest.mark.parametrize("key", [b"", b"x" * 201, b"a\tb", "钥匙".encode(), b"a\x7fb"])
async def test_idempotency_keys_that_do_not(client: Client, key: bytes) -> None:
    answer = await client().post("/keyed", headers={b"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "key_invalid")


async def test_no_key_is_none(client: Client) -> None:
    assert (await client().post("/keyed")).json() is None
