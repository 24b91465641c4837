"""Ways to send photos and to see which files are kept."""

from typing import Any

import httpx


async def send(someone: Any, wish_id: str, content: bytes, name: str = "a.jpg", **headers: str) -> httpx.Response:
    files = {"photo": (name, content, "image/jpeg")}
    answer: httpx.Response = await someone.http.post(f"/api/wishes/{wish_id}/photos", files=files, headers=headers)
    return answer


async def added(someone: Any, wish_id: str, content: bytes, **headers: str) -> str:
    answer = await send(someone, wish_id, content, **headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def approve(staff: Any, wish_id: str, photo_id: str) -> httpx.Response:
    answer: httpx.Response = await staff.post(f"/api/wishes/{wish_id}/photos/{photo_id}/approval")
    return answer


async def stored(world: Any) -> set[str]:
    return {name async for name in world.service.parts.photos.files.names()}


async def names_of(world: Any, wish_id: str) -> list[str]:
    return [photo.file for photo in (await world.service.parts.wishes.load(wish_id)).photos]
