"""Whether today's contracts still keep the promises of a release.

A topic is kept for ever and services are updated one after the other, so both directions count: new code reads old
events, and old code reads new ones. Hence only one change keeps the version: a further optional field. Everything
else (removed, renamed, required, no longer required, another type, other limits, another choice) is a new class.
"""

from collections.abc import Iterator
from typing import Any

from microwish.events.catalogue.schemas import resolve

_ANNOTATIONS = frozenset({"$schema", "$id", "$defs", "$comment", "title", "description", "examples", "deprecated"})
_COMPARED_ELSEWHERE = frozenset({"properties", "required", "items", "$ref"})


def breaking_changes(released: dict[str, Any], current: dict[str, Any]) -> list[str]:
    """What breaks, as `path: what happened`; empty when the contract holds."""
    return list(_compare("", released, released, current, current))


def _compare(
    path: str, old: dict[str, Any], old_root: dict[str, Any], new: dict[str, Any], new_root: dict[str, Any]
) -> Iterator[str]:
    old, new = resolve(old, old_root), resolve(new, new_root)
    for rule in sorted((old.keys() | new.keys()) - _ANNOTATIONS - _COMPARED_ELSEWHERE):
        if old.get(rule) != new.get(rule):
            yield f"{path or 'payload'}: {rule} was {_said(old.get(rule))}, is {_said(new.get(rule))}"
    yield from _required(path, old, new)
    for name, child in old.get("properties", {}).items():
        below = f"{path}.{name}".lstrip(".")
        if name not in new.get("properties", {}):
            yield f"{below}: removed"
        else:
            yield from _compare(below, child, old_root, new["properties"][name], new_root)
    if "items" in old and "items" in new:
        yield from _compare(f"{path}[]", old["items"], old_root, new["items"], new_root)


def _required(path: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    was, now = set(old.get("required", [])), set(new.get("required", []))
    for name in sorted(now - was):
        yield f"{path}.{name}".lstrip(".") + ": now required"
    for name in sorted(was - now):
        if name in new.get("properties", {}):
            yield f"{path}.{name}".lstrip(".") + ": no longer required"


def _said(value: object) -> str:
    return "not stated" if value is None else repr(value)
