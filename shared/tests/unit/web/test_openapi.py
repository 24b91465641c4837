import httpx
from fastapi import APIRouter, FastAPI

from microwish.web.openapi import PROBLEMS


async def test_every_operation_declares_its_problems(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    writing = document["paths"]["/api/wishes"]["post"]["responses"]
    reading = document["paths"]["/api/wishes/{wish_id}"]["get"]["responses"]
    assert {str(status) for status in PROBLEMS} < writing.keys()
    assert {"401", "403", "404", "422", "429", "503"} < reading.keys()
    assert not {"400", "409", "413"} & reading.keys()
    invalid = document["components"]["responses"][writing["422"]["$ref"].rpartition("/")[2]]
    assert list(invalid["content"]) == ["application/problem+json"]
    assert "HTTPValidationError" not in str(document)
    assert "Retry-After" in document["components"]["responses"]["Unavailable"]["headers"]


async def test_who_has_to_sign_in_is_declared(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert paths["/mine"]["get"]["security"] == [{"bearer": []}, {"session": []}]
    assert "security" not in paths["/api/body"]["post"]


def test_a_route_that_comes_later_is_declared_too(app: FastAPI) -> None:
    assert "/api/later" not in app.openapi()["paths"]
    router = APIRouter()

    @router.get("/api/later")
    async def later() -> str:
        return "later"

    app.include_router(router)
    assert "401" in app.openapi()["paths"]["/api/later"]["get"]["responses"]


def test_a_route_that_says_more_keeps_its_words(app: FastAPI) -> None:
    router = APIRouter()

    @router.post("/api/own", responses={409: {"description": "Taken by another."}})
    async def own(limit: int) -> str:
        return str(limit)

    app.include_router(router)
    assert app.openapi()["paths"]["/api/own"]["post"]["responses"]["409"] == {"description": "Taken by another."}
