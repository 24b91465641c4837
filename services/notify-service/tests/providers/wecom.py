"""WeCom's group robots as the tests play them. They drop nothing that comes twice: two requests are two messages."""

import json
from collections import Counter
from itertools import count

from providers.server import Accepted, Chances, PlayedProvider, Reply, Request, json_reply, main

KEY = "693a91f6-7aaa-4bc4-97a0-0ec2sifa5aaa"
PER_MINUTE = 20
TEXT_MAX_BYTES = 2048


class Wecom(PlayedProvider):
    """The provider. keys: the robots that there are. minute: what each has said since `next_minute`."""

    fail_code = "-1"

    def __init__(self, chances: Chances | None = None, *, keys: frozenset[str] = frozenset({KEY})) -> None:
        super().__init__(chances)
        self.keys = keys
        self.minute: Counter[str] = Counter()
        self._numbers = count(1)

    async def answer(self, request: Request) -> Reply:
        """`/cgi-bin/webhook/send`."""
        self.requests[request.path] += 1
        key = request.query.get("key", "")
        body = json.loads(request.body)
        fault = self._fault_of(key, body)
        if fault:
            return _refusal(fault)

        def accept() -> Reply:
            self.minute[key] += 1
            number = str(next(self._numbers))
            self.keep(Accepted(number, key, body["msgtype"], body["text"]["content"], number))
            return json_reply({"errcode": 0, "errmsg": "ok"})

        return await self.take(accept, _refusal)

    def next_minute(self) -> None:
        """The robots may speak again."""
        self.minute.clear()

    def _fault_of(self, key: str, body: dict[str, dict[str, str]]) -> str | None:
        if key not in self.keys:
            return "93000"
        if self.minute[key] >= PER_MINUTE:
            return "45009"
        if len(body["text"]["content"].encode()) > TEXT_MAX_BYTES:
            return "40058"
        return None


def _refusal(code: str) -> Reply:
    return json_reply({"errcode": int(code), "errmsg": "played"})


if __name__ == "__main__":
    main(Wecom)
