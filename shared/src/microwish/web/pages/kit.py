"""Pages: a service's templates on the kit's base, with its catalogue, dates, masks and form protection."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from microwish.identity.guards import csrf_token, keep_csrf_cookie
from microwish.privacy.masking import mask_address, mask_name, mask_phone
from microwish.web.common_texts import COMMON_TEXTS
from microwish.web.frame import LARGE_COOKIE
from microwish.web.pages.dates import SHANGHAI, Days
from microwish.web.pages.notices import NOTICE_COOKIE, local_url, notice_of, put_notice, see_other
from microwish.web.pages.texts import KIT_TEXTS
from microwish.web.pages.visitors import sections_for, visitor_of
from microwish.web.pages.words import readable_phone, short_number
from microwish.web.texts import Catalogue, Language, page_language
from microwish.when import system_clock

__all__ = ["KIT_STATIC", "KIT_TEMPLATES", "Pages", "kit_environment", "local_url", "put_notice", "see_other"]

KIT_TEMPLATES = Path(__file__).parent / "templates"
KIT_STATIC = Path(__file__).parent / "static"
STEPS = ("submitted", "posted", "adopted", "delivered", "fulfilled")
# Where each state stands on the way; a delivered wish waits for the resident's word, its last step.
CURRENT_STEP = {"submitted": 0, "posted": 1, "adopted": 2, "delivered": 4, "fulfilled": 5}
SEALS = {
    "goods": "物",
    "service": "服",
    "companionship": "伴",
    "study": "学",
    "medical": "医",
    "repair": "修",
    "other": "其",
}


def kit_environment(*template_dirs: Path) -> Environment:
    """A Jinja environment on these directories, then the kit's; undefined names are errors, all is escaped."""
    loaders = [FileSystemLoader(folder) for folder in (*template_dirs, KIT_TEMPLATES)]
    environment = Environment(
        loader=ChoiceLoader(loaders), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"mask_phone": mask_phone, "mask_name": mask_name, "mask_address": mask_address}
    environment.filters |= {"short_number": short_number, "readable_phone": readable_phone}
    environment.globals |= {"STEPS": STEPS, "CURRENT_STEP": CURRENT_STEP, "SEALS": SEALS}
    return environment


class Pages:
    """Renders one service's pages.

    `static_url` is where its files are served (`/static/<service>`), `static_dir` where they lie (for the content
    hash in their addresses). Templates extend `base.html` and import macros by
    `{% import "macros.html" as kit with context %}`.
    """

    def __init__(
        self,
        service: str,
        templates_dir: Path,
        catalogue: Catalogue,
        static_url: str,
        *,
        static_dir: Path | None = None,
        signin_url: str = "/signin",
        home_url: str = "/",
        clock: Callable[[], datetime] = system_clock,
        zone: tzinfo = SHANGHAI,
    ) -> None:
        self.service = service
        self.static_url = static_url.rstrip("/")
        self.catalogue = catalogue.with_base(KIT_TEXTS).with_base(COMMON_TEXTS)
        self._static_dir = static_dir
        self._signin_url = signin_url
        self._home_url = home_url
        self._clock = clock
        self._zone = zone
        self._environment = kit_environment(templates_dir)

    def render(
        self,
        request: Request,
        template: str,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """The page as an answer; it takes the waiting notice along and sets the CSRF cookie when there is none.

        In templates: `t("key", …)`, `has_text("key")`, `day(x)`, `relative_day(x)`, `clock(x)`, `moment(x)`, `due(x)`,
        `static("app.css")`, `csrf()`, `notice`, `request`, `language`, `large`, `here(cursor=…)`, and the filters
        `mask_phone`, `mask_name`, `mask_address`, `readable_phone`, `short_number`.
        """
        base = self._context(request)
        html = self._environment.get_template(template).render(base | context)
        response = HTMLResponse(html, status_code, headers)
        response.headers["Content-Language"] = "en" if base["language"] == "en" else "zh-CN"
        keep_csrf_cookie(request, response)
        if NOTICE_COOKIE in request.cookies:
            response.delete_cookie(NOTICE_COOKIE, path="/")
        return response

    def text(self, request: Request, key: str, **values: object) -> str:
        """A text of the catalogue in the reader's language."""
        return self.catalogue.text(key, page_language(request), **values)

    def problem_page(self, request: Request, status: int, members: Mapping[str, Any]) -> Response:
        """A problem as a page; who has to sign in first is led there and comes back."""
        if status == 401 and request.method in {"GET", "HEAD"}:
            back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return see_other(f"{self._signin_url}?{urlencode({'next': local_url(back)})}")
        request_id = getattr(request.state, "request_id", "")
        return self.render(
            request, "problem.html", status, problem=members, request_id=request_id, back=_page_before(request)
        )

    def static(self, path: str) -> str:
        """The address of a static file (`app.css`, `kit/kit.css`) with the hash of its content.

        Raises: FileNotFoundError for a file that isn't there: a template's fault, seen by the first test of the page.
        """
        kit = path.removeprefix("kit/")
        folder = KIT_STATIC if kit != path else self._static_dir
        version = _content_hash(folder / kit) if folder is not None else ""
        return f"{self.static_url}/{path}" + (f"?v={version}" if version else "")

    def _context(self, request: Request) -> dict[str, Any]:
        language = page_language(request)
        days = Days(self.catalogue, language, self._clock(), self._zone)
        visitor = visitor_of(request)
        return {
            "request": request,
            "visitor": visitor,
            "sections": sections_for(visitor, request.url.path),
            "sandbox_phone": request.app.state.settings.sandbox,
            "t": partial(_text, self.catalogue, language),
            "has_text": self.catalogue.__contains__,
            "language": language,
            "large": request.cookies.get(LARGE_COOKIE) == "on",
            "day": days.day,
            "relative_day": days.relative_day,
            "clock": days.clock,
            "moment": days.moment,
            "due": days.due,
            "static": self.static,
            "csrf": partial(csrf_token, request),
            "notice": notice_of(request),
            "here": partial(_here, request),
            "home_url": self._home_url,
        }


def _text(catalogue: Catalogue, language: Language, key: str, **values: object) -> str:
    return catalogue.text(key, language, **values)


def _here(request: Request, **changes: object) -> str:
    """This page's address with some query parameters changed; None removes one."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in changes]
    kept += [(name, str(value)) for name, value in changes.items() if value is not None]
    return local_url(request.url.path) + (f"?{urlencode(kept)}" if kept else "")


def _page_before(request: Request) -> str | None:
    """The page that the reader came from, as an address of this site, if it is another one than this."""
    try:
        before = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return None
    # Whatever host it names, only its path is taken: behind a gateway our own host's name is not known here.
    url = local_url(before.path + (f"?{before.query}" if before.query else ""))
    here = request.method in {"GET", "HEAD"} and before.path == request.url.path
    return None if here or url == "/" else url


@lru_cache(maxsize=256)
def _content_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
