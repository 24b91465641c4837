"""`/docs`: the API read from its own OpenAPI document, as one plain page without scripts or foreign hosts."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from microwish.web.pages.kit import kit_environment

_METHODS = ("get", "post", "put", "patch", "delete")


def docs_router() -> APIRouter:
    """The route; the document itself stays at `/openapi.json`."""
    router = APIRouter(include_in_schema=False)
    template = kit_environment().get_template("api_docs.html")

    @router.get("/docs")
    async def api_docs(request: Request) -> HTMLResponse:
        document = request.app.openapi()
        return HTMLResponse(template.render(title=document["info"]["title"], operations=operations(document)))

    return router


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    """One entry per method and path: parameters, the body's fields, the answers."""
    return [
        {
            "method": method.upper(),
            "path": path,
            "summary": operation.get("summary", ""),
            "description": operation.get("description", ""),
            "parameters": operation.get("parameters", []),
            "fields": _body_fields(document, operation),
            "answers": sorted(operation.get("responses", {})),
        }
        for path, methods in sorted(document.get("paths", {}).items())
        for method, operation in methods.items()
        if method in _METHODS
    ]


def _body_fields(document: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, Any]]:
    content = operation.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = next((entry.get("schema", {}) for entry in content.values()), {})
    resolved = _resolve(document, schema)
    needed = set(resolved.get("required", []))
    return [
        {"name": name, "type": _type_name(inner), "required": name in needed, "meaning": inner.get("description", "")}
        for name, inner in resolved.get("properties", {}).items()
    ]


def _resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document.get("components", {}).get("schemas", {}).get(name, schema)
    return found


def _type_name(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(_type_name(choice) for choice in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"[{_type_name(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type", "any"))
