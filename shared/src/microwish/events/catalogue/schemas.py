"""Each payload as JSON Schema 2020-12, in the form in which it travels.

What is not known is left out of a payload, never null, so an optional field is one that is not required. A sealed
field carries `x-sealed: true`. Nothing forbids further fields: a reader ignores what a newer publisher adds.
"""

import json
from collections.abc import Iterator
from typing import Any, get_args

from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema
from typing_extensions import override

from microwish.events.base import Event, Sealed
from microwish.events.catalogue.facts import EVENT_NAMES, schema_file

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SEALED_MARK = "x-sealed"
_READING_ORDER = ("$schema", "$id", "title", "description", "type", "required", "properties", "$defs")


def _sealed_pattern() -> str:
    field = next(part for part in get_args(Sealed) if isinstance(part, FieldInfo))
    return str(next(constraint.pattern for constraint in field.metadata if hasattr(constraint, "pattern")))


SEALED_PATTERN = _sealed_pattern()
"""What makes a text a sealed one."""


class _AsItTravels(GenerateJsonSchema):
    """Without nulls, which never travel, and without titles that only repeat a field's name."""

    @override
    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    @override
    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        found = super().default_schema(schema)
        return {key: value for key, value in found.items() if (key, value) != ("default", None)}

    @override
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    @override
    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        found = super().str_schema(schema)
        return {**found, SEALED_MARK: True} if found.get("pattern") == SEALED_PATTERN else found

    @override
    def generate(self, schema: core_schema.CoreSchema, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        return {"$schema": DIALECT, **super().generate(schema, mode)}


def payload_schema(event: type[Event]) -> dict[str, Any]:
    """The schema of one payload; its `$id` is a URN, since it is nobody's address."""
    schema = event.model_json_schema(schema_generator=_AsItTravels)
    schema |= {"$id": f"urn:microwish:schema:{event.__name__}:v1", "title": event.type_name()}
    return {key: schema[key] for key in _READING_ORDER if key in schema}


def all_schemas() -> Iterator[tuple[str, str]]:
    """Every schema file of this release: its name and its text."""
    for event in EVENT_NAMES.values():
        yield schema_file(event), json.dumps(payload_schema(event), ensure_ascii=False, indent=2) + "\n"


def resolve(node: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """The node itself, or what its `$ref` into `root` stands for (with what stands beside the `$ref`)."""
    if "$ref" not in node:
        return node
    name = str(node["$ref"]).removeprefix("#/$defs/")
    return {**root["$defs"][name], **{key: value for key, value in node.items() if key != "$ref"}}


def leaves(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every value that a payload may carry: its path (`place.name`, `adoption_ids[]`) and its schema."""
    yield from _leaves("", schema, schema)


def _leaves(path: str, node: dict[str, Any], root: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    node = resolve(node, root)
    if node.get("type") == "object":
        for name, child in node.get("properties", {}).items():
            yield from _leaves(f"{path}.{name}".lstrip("."), child, root)
    elif node.get("type") == "array":
        yield from _leaves(f"{path}[]", node["items"], root)
    else:
        yield path, node
