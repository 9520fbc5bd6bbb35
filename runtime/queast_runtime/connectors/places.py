"""Dotted paths into JSON answers: `errors[].context.ids[]` are the ids of each error's context."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def values_at(document: Any, path: str) -> list[Any]:
    """Return all values at a path; nothing where a step is missing. An empty path is the document itself."""
    found = [document]
    for step in path.split(".") if path else ():
        name = step.removesuffix("[]")
        found = [each[name] for each in found if isinstance(each, dict) and name in each]
        if step.endswith("[]"):
            found = [item for each in found if isinstance(each, list) for item in each]
    return found


def value_at(document: Any, path: str) -> Any:
    """Return the first value at a path, None where there is none."""
    found = values_at(document, path)
    return found[0] if found else None


def properties_at(record: Any, paths: Iterable[str]) -> dict[str, Any]:
    """Return the entries of the objects at the paths, taken together; a later path wins."""
    properties: dict[str, Any] = {}
    for path in paths:
        found = value_at(record, path)
        if isinstance(found, dict):
            properties.update(found)
    return properties


def place(target: dict[str, Any], path: str, value: Any) -> None:
    """Set a value at a dotted path, making the objects on the way."""
    *parents, last = path.split(".")
    for name in parents:
        target = target.setdefault(name, {})
    target[last] = value


def text_of(value: Any) -> str | None:
    """Return an id as text: destinations give them as numbers or as text. None for anything that is no id."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return str(value)
