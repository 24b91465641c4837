import httpx


async def test_the_api_page_lists_every_operation_without_foreign_hosts(client: httpx.AsyncClient) -> None:
    text = (await client.get("/docs")).text
    assert "POST /api/wishes" in text
    assert "contact" in text
    assert "<script" not in text
    assert "https://" not in text


async def test_the_document_for_machines_is_there(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert "/api/wishes" in paths
    assert "/readyz" not in paths
