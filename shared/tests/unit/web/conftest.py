"""One small application with everything on it that the web tests ask for."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Form, Query, Request, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, field_validator
from starlette.responses import StreamingResponse

from microwish.identity.guards import Identity, current_person
from microwish.identity.people import Person, Role
from microwish.identity.tokens import TokenSigner, generate_signing_keys
from microwish.privacy.phones import normalise_phone
from microwish.privacy.sealing import generate_blind_key, generate_sealing_keys
from microwish.privacy.uscc import check_uscc
from microwish.settings import ServiceSettings
from microwish.web.app import create_app
from microwish.web.health import Check, Health
from microwish.web.pages.kit import Pages, put_notice, see_other
from microwish.web.problems import DomainProblem, FieldError, Problem
from microwish.web.texts import Catalogue

NOW = datetime(2026, 6, 12, 4, 0, tzinfo=UTC)
TEXTS = Catalogue(
    {
        "problem.already_held": ("你们已经认领了这个心愿", "You already hold this wish"),
        "problem.already_held.detail": ("认领编号 {adoption_id}", "Adoption {adoption_id}"),
        "field.no_cash": ("不能许现金、银行卡、借款", "No cash, cards or loans"),
        "page.hello": ("您好，{who}", "Hello, {who}"),
    }
)
TEMPLATE = """{% extends "base.html" %}
{% import "macros.html" as kit with context %}
{% block content %}<h1>{{ t("page.hello", who=who) }}</h1>
{{ kit.steps(state) }}{{ kit.status_tag(state) }}{{ kit.category_seal("goods") }}
<form method="post" action="/page">{{ kit.csrf_field() }}{{ kit.error_summary(errors) }}
{% set wrong = errors[0].message if errors else "" %}
{{ kit.field("title", "标题", who, error=wrong, hint="一句话", required=true, maxlength=40) }}
{{ kit.text_area("detail", "说明", who) }}{{ kit.choice("community", "社区", [("1", who)], value="1") }}
{{ kit.tick("agree", "同意", ticked=true) }}{{ kit.category_picker("category", "哪一类", "goods") }}
{% call kit.box("next", "接下来") %}<p>核实</p>{% endcall %}{{ kit.button("提交", "wide") }}</form>
{{ kit.act("/x", "撤回", "ghost", {"reason": who}) }}{{ kit.link_button("看看", "/y", "small") }}
<p>{{ "13912345678" | mask_phone }} {{ who | mask_name }} {{ day(at) }} {{ relative_day(at) }}
{{- " " ~ moment(at) }} {{ due(at) }}</p>
{% endblock %}"""


class DomainError(Exception):
    """A service's error tree."""

    code = "refused"


class AlreadyHeld(DomainError):
    code = "already_held"

    def __init__(self) -> None:
        super().__init__("王小明 13912345678")
        self.extra = {"adoption_id": "a-1"}


class Limited(DomainError):
    code = "too_many_requests"
    retry_after_seconds = 42


class BadScope(DomainError):
    code = "invalid"
    errors = (FieldError("scope", "field.no_cash"), FieldError("name", "直接给出的话"))


class StoreAway(Exception):
    """Has no code of its own."""


class Contact(BaseModel):
    phone: Annotated[str, AfterValidator(normalise_phone)]
    uscc: Annotated[str, AfterValidator(check_uscc)] | None = None


class Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=2, max_length=10)
    contact: Contact
    slots: int = Field(default=1, ge=1, le=200)
    category: Literal["goods", "service"] = "goods"
    id: UUID | None = None
    at: AwareDatetime | None = None
    tags: list[Annotated[str, Field(max_length=3)]] = Field(default=[], max_length=2)

    @field_validator("title")
    @classmethod
    def _no_cash(cls, value: str) -> str:
        if "现金" in value:
            raise ValueError("field.no_cash")
        if "?" in value:
            raise ValueError(f"some inner detail about {value}")
        return value


class World:
    """What a test can change while the application runs."""

    def __init__(self) -> None:
        self.signer = TokenSigner.from_jwks(generate_signing_keys())
        self.health: dict[str, Health | Exception] = {"mongo": "ok", "kafka": "ok"}

    def token(self, *roles: Role) -> str:
        return self.signer.sign("p1", list(roles), [], "", 60, NOW)

    def check(self, name: str) -> Check:
        async def ask() -> Health:
            state = self.health[name]
            if isinstance(state, Exception):
                raise state
            return state

        return ask


def routes(pages: Pages) -> APIRouter:  # noqa: C901 - a list of small routes
    router = APIRouter()
    raised: dict[str, Exception] = {
        "held": AlreadyHeld(),
        "limited": Limited(),
        "scope": BadScope(),
        "refused": DomainError(),
        "away": StoreAway("mongodb://user:password@host"),
        "busy": Problem(503, "busy"),
        "plain": Problem(409, "unheard_of", extra={"wish_id": "w"}),
        "own": Problem(400, "own", "标题", "说明", headers={"X-Own": "1"}),
        "bug": RuntimeError("王小明 13912345678"),
    }

    @router.get("/raise/{what}")
    @router.get("/api/raise/{what}")
    async def fail(what: str) -> None:
        raise raised[what]

    @router.post("/api/wishes", status_code=201)
    async def post_wish(wish: Wish, limit: Annotated[int, Query(le=100)] = 10) -> str:
        return wish.contact.phone

    @router.post("/api/body")
    async def body(request: Request) -> int:
        return len(await request.body())

    @router.delete("/api/body", status_code=204)
    async def no_body() -> None:
        return None

    @router.post("/api/body/{kind}")
    async def larger_body(kind: str, request: Request) -> int:
        return len(await request.body())

    @router.post("/api/deaf")
    async def deaf() -> str:
        return "not read"

    @router.get("/api/wishes/{wish_id}")
    async def wish(wish_id: str, response: Response) -> str:
        response.headers["Cache-Control"] = "public, max-age=5"
        return wish_id

    @router.get("/api/stream")
    async def stream() -> StreamingResponse:
        async def broken() -> AsyncIterator[bytes]:
            yield b"data: 1\n\n"
            raise RuntimeError("in the middle")

        return StreamingResponse(broken(), media_type="text/event-stream")

    @router.get("/page")
    async def page(request: Request, state: str = "adopted", who: str = "<b>王</b>", wrong: bool = False) -> Response:
        errors = [{"field": "title", "message": "请填写这一项"}] if wrong else []
        return pages.render(request, "page.html", who=who, state=state, at=NOW, errors=errors)

    @router.post("/page")
    async def posted(
        request: Request, person: Annotated[Person, Depends(current_person)], next: Annotated[str, Form()] = "/page"
    ) -> Response:
        answer = see_other(next)
        put_notice(request, answer, "收到了 <b>")
        return answer

    @router.get("/mine")
    async def mine(person: Annotated[Person, Depends(current_person)]) -> str:
        return person.id

    return router


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def app(world: World, tmp_path: Path) -> FastAPI:
    templates, static = tmp_path / "templates", tmp_path / "static"
    templates.mkdir()
    static.mkdir()
    (templates / "page.html").write_text(TEMPLATE)
    (static / "app.css").write_text("p{}")
    pages = Pages("wish", templates, TEXTS, "/static/wish", static_dir=static, clock=lambda: NOW)
    settings = ServiceSettings.model_validate(
        {"sealing_keys": generate_sealing_keys(), "blind_key": generate_blind_key()}
    )
    return create_app(
        title="wish-service",
        settings=settings,
        identity=Identity(world.signer.key_set(), clock=lambda: NOW),
        routers=[routes(pages)],
        catalogue=TEXTS,
        domain_errors={DomainError: 409, Limited: 429, BadScope: 422, StoreAway: DomainProblem(503, "unavailable", 7)},
        checks={name: world.check(name) for name in world.health},
        required_checks={"mongo"},
        pages=pages,
        static_dir=static,
        body_limit=1000,
        body_limits={re.compile(r"/api/body/[a-z]+"): 3000},
    )


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://t") as browser:
        yield browser
