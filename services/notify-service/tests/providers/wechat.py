"""WeChat's server API as the tests play it: the access token, template messages, subscribe messages.

Template messages that come again with the same openid and `client_msg_id` are one message, for ten minutes. Subscribe
messages have no id: two requests are two messages, and each uses up a consent.
"""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Mapping
from itertools import count
from typing import Any

from providers.server import Accepted, Chances, PlayedProvider, Reply, Request, json_reply, main

APP_ID = "wx0123456789abcdef"
SECRET = "not-a-secret"
DROPPED_FOR_SECONDS = 600
_OPENID = re.compile(r"o[A-Za-z0-9_-]{27}")
_LIMITS = {"thing": 20, "character_string": 32, "number": 32, "phrase": 5, "name": 10, "phone_number": 17}


class Wechat(PlayedProvider):
    """The provider. templates: the fields of each approved one; None approves all. lives: seconds of a token."""

    fail_code = "-1"

    def __init__(
        self,
        chances: Chances | None = None,
        *,
        templates: Mapping[str, frozenset[str]] | None = None,
        lives: int = 7200,
    ) -> None:
        super().__init__(chances)
        self.templates = templates
        self.lives = lives
        self.token = "token-0"
        self.token_code: int | None = None
        self.token_seconds = 0.0
        self.stale_code = 40001
        self.refuses_tokens = False
        self.consents: Counter[tuple[str, str]] | None = None
        self.pages: dict[str, str] = {}
        self._numbers = count(1)
        self._first: dict[tuple[str, str], tuple[float, str]] = {}

    async def answer(self, request: Request) -> Reply:
        """One of the three."""
        self.requests[request.path] += 1
        body = json.loads(request.body)
        if request.path == "/cgi-bin/stable_token":
            return await self._token(body)
        if self.refuses_tokens or request.query.get("access_token") != self.token:
            self.requests["stale"] += 1
            return _refusal(str(self.stale_code))
        if request.path == "/cgi-bin/message/template/send":
            return await self._template(body)
        if request.path == "/cgi-bin/message/subscribe/send":
            return await self._subscribe(body)
        return Reply(404)

    def revoke(self) -> None:
        """Somebody else had a new token forced: the one that is out counts no more."""
        self.token = f"token-{next(self._numbers)}"

    async def _token(self, body: dict[str, Any]) -> Reply:
        await asyncio.sleep(self.token_seconds)
        if self.token_code is not None:
            return _refusal(str(self.token_code))
        if (body["appid"], body["grant_type"]) != (APP_ID, "client_credential"):
            return _refusal("40013")
        if body["secret"] != SECRET:
            return _refusal("40125")
        if body["force_refresh"]:
            self.requests["forced"] += 1
            self.revoke()
        return json_reply({"access_token": self.token, "expires_in": self.lives})

    async def _template(self, body: dict[str, Any]) -> Reply:
        key = body["client_msg_id"]
        fault = "45067" if len(key) > 32 else self._fault_of(body)
        if fault:
            return _refusal(fault)
        at, reference = self._first.get((body["touser"], key), (0.0, ""))
        if time.monotonic() < at + DROPPED_FOR_SECONDS:
            return _accepted(reference)
        return await self.take(lambda: self._keep(body, key), _refusal)

    async def _subscribe(self, body: dict[str, Any]) -> Reply:
        consent = (body["touser"], body["template_id"])
        fault = self._fault_of(body)
        if not fault and self.consents is not None and not self.consents[consent]:
            fault = "43101"
        if fault:
            return _refusal(fault)

        def accept() -> Reply:
            if self.consents is not None:
                self.consents[consent] -= 1
            return self._keep(body, "")

        return await self.take(accept, _refusal)

    def _keep(self, body: dict[str, Any], key: str) -> Reply:
        reference = str(2_794_188_253_000_000_000 + next(self._numbers))
        self._first[body["touser"], key] = (time.monotonic() if key else 0.0, reference)
        values = {name: row["value"] for name, row in body["data"].items()}
        self.pages[reference] = body.get("url", "")
        self.keep(Accepted(key or reference, body["touser"], body["template_id"], values, reference))
        return _accepted(reference)

    def _fault_of(self, body: dict[str, Any]) -> str | None:
        if not _OPENID.fullmatch(body["touser"]):
            return "40003"
        if self.templates is not None and body["template_id"] not in self.templates:
            return "40037"
        fields = body["data"]
        if self.templates is not None and fields.keys() != self.templates[body["template_id"]]:
            return "47003"
        return None if all(_fits(name, row["value"]) for name, row in fields.items()) else "47003"


def _fits(name: str, value: str) -> bool:
    most = _LIMITS.get(name.rstrip("0123456789"), 20)
    return 0 < len(value) <= most and value == " ".join(value.split())


def _accepted(reference: str) -> Reply:
    return json_reply({"errcode": 0, "errmsg": "ok", "msgid": int(reference)})


def _refusal(code: str) -> Reply:
    return json_reply({"errcode": int(code), "errmsg": "played rid: 6385c6c1-0fcadca1"})


if __name__ == "__main__":
    main(Wechat)
