"""Which entry of an answer belongs to which item: results, refused items, and those that nothing was said about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from queast_runtime.connectors.body import Scope
from queast_runtime.connectors.places import properties_at, text_of, value_at, values_at

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """`properties` of the record, as far as the answer shows them."""

    partner_id: str
    created: bool
    properties: JsonObject


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A refused item. `error` is the destination's own entry about it."""

    error: JsonObject


@dataclass(frozen=True, slots=True)
class Unaccounted:
    """The answer says nothing about this item."""


ItemOutcome = Taken | NotTaken | Unaccounted


def correlate(spec: JsonObject, document: Any, items: Sequence[Scope]) -> list[ItemOutcome]:
    """Return one outcome for each item, in their order.

    `spec` is an operation's `answer`. An item in both lists counts as refused: its error was said about it, while a
    result may be an echo.
    """
    if "record" in spec:
        record = value_at(document, spec["record"])
        return [_taken(spec, record) for _ in items]
    outcomes: list[ItemOutcome] = [Unaccounted() for _ in items]
    results = _entries(document, spec["results"])
    errors = _entries(document, spec["errors"]) if "errors" in spec else []
    for result in results:
        for index in _belongs(result, spec["match"], items):
            if isinstance(outcomes[index], Unaccounted):
                outcomes[index] = _taken(spec, result)
    for error in errors:
        for index in _belongs(error, spec.get("error_match", ()), items):
            outcomes[index] = NotTaken(error)
    if len(items) == 1 and isinstance(outcomes[0], Unaccounted):
        return [_only(spec, results, errors)]
    return outcomes


def _only(spec: JsonObject, results: list[JsonObject], errors: list[JsonObject]) -> ItemOutcome:
    """Of one item sent, one answer is the answer, whatever it is marked with."""
    if len(results) == 1 and not errors:
        return _taken(spec, results[0])
    if len(errors) == 1 and not results:
        return NotTaken(errors[0])
    return Unaccounted()


def _entries(document: Any, path: str) -> list[JsonObject]:
    found = value_at(document, path)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _belongs(entry: JsonObject, keys: Sequence[JsonObject], items: Sequence[Scope]) -> list[int]:
    """Return the items that an entry speaks of, by the first key that finds any."""
    for key in keys:
        path = key["path"]
        if "{external_id}" in path:
            path = path.replace("{external_id}", str(items[0].values["external_id"]))
        said = {text_of(value) for value in values_at(entry, path)} - {None}
        found = [index for index, item in enumerate(items) if text_of(item.values[key["item"]]) in said]
        if found:
            return found
    return []


def _taken(spec: JsonObject, record: Any) -> ItemOutcome:
    partner_id = text_of(value_at(record, spec["id"]))
    if partner_id is None:
        return Unaccounted()
    made = spec["created"]
    created = made if isinstance(made, bool) else value_at(record, made) is True
    return Taken(partner_id, created, properties_at(record, spec.get("properties", ())))
