"""The tree of communities in tests: hand in a list, read it, and streets that a test has to itself."""

from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx

from microwish.when import When
from wish_service.domain.divisions import Division

ADMIN = "13800000000"
_DISTRICTS = count(440101)


async def importing(admin: Any, text: str | bytes, **query: Any) -> httpx.Response:
    content = text if isinstance(text, bytes) else text.encode()
    return await admin.http.post(
        "/api/communities/import", params=query, content=content, headers={"content-type": "text/csv"}
    )


async def codes(world: Any) -> set[str]:
    items = (await world.client().get("/api/communities")).json()["items"]
    return {item["code"] for item in items}


@dataclass(frozen=True)
class Streets:
    """Two streets. Of the first are `old` and `other`; `third` is of the second, where `new` is free for another."""

    street: str
    new_street: str
    old: str
    other: str
    third: str
    new: str


async def streets(world: Any) -> Streets:
    """Two streets of a new district."""
    district = str(next(_DISTRICTS))
    street, new_street = f"{district}001", f"{district}005"
    made = Streets(street, new_street, f"{street}001", f"{street}002", f"{new_street}001", f"{new_street}009")
    divisions = [
        Division(district, "新区"),
        Division(street, "岳阳街道", district),
        Division(new_street, "广富林街道", district),
        Division(made.old, "龙潭社区居委会", street),
        Division(made.other, "醉白池社区居委会", street),
        Division(made.third, "广富林社区居委会", new_street),
    ]
    parts = world.service.parts
    await parts.communities.save(divisions, when=When.now(parts.clock))
    return made
