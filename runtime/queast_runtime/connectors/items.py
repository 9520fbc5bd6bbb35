"""An item of a write, as templates see it, and how items share requests."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from queast_runtime.connectors.body import Scope, whole_number
from queast_runtime.connectors.exchange import Exchange
from queast_runtime.connectors.places import place, value_at
from queast_runtime.ports import WriteItem

JsonObject = dict[str, Any]


def fault_of(target: JsonObject, operation: JsonObject, item: WriteItem) -> str | None:
    """Return why an item must not be sent at all, None where nothing is against it."""
    linked = {object for object, _ in item.links}
    for name, link in target.get("attach", {}).items():
        if link["required"] and name not in linked:
            return f"a record of `{item.object}` must hang on one of `{name}`"
    if "partner_id" in operation.get("unique", ()) and item.partner_id is None:
        return "has no id of the record to write"
    return None


def scope_of(exchange: Exchange, operation: JsonObject, item: WriteItem) -> Scope:
    """Return what an operation's templates can speak of for this item."""
    target = exchange.object(item.object)
    values = dict(item.values)
    if item.claims and operation.get("claims") and target["external_id"] is not None:
        values[target["external_id"]] = item.reference
    if "reference" in target:
        spec = target["reference"]
        shown = f"{spec['before']}{escape(item.reference)}{spec['after']}"
        values[spec["property"]] = f"{values.get(spec['property']) or ''}{shown}"
    for name in target["whole_numbers"]:
        if name in values:
            values[name] = whole_number(values[name])
    declared: JsonObject = {}
    for name in target["declared"]:
        if name in values:
            place(declared, target["places"].get(name, name), values[name])
    further = {name: value for name, value in values.items() if name not in target["declared"]}
    links: dict[str, list[JsonObject]] = {}
    for object, partner_id in item.links:
        link = target.get("attach", {}).get(object, {})
        links.setdefault(object, []).append({"partner_id": partner_id, "association": link.get("association")})
    known: JsonObject = {
        **exchange.values(item.object),
        "partner_id": item.partner_id,
        "reference": item.reference,
        "trace": item.delivery_id,
        "idempotency_key": item.idempotency_key,
        "body": item.body,
    }
    return Scope(known, {"all": {**declared, **further}, "declared": declared, "further": further}, links)


def placed(target: JsonObject, properties: JsonObject) -> JsonObject:
    """Return properties as a record shows them in the form in which a write gives them.

    `{"address": {"value": "Oslo", "locality": …}}`  ->  `{"address": "Oslo"}`, where that is the property's place.
    """
    shown = dict(properties)
    for name, path in target.get("places", {}).items():
        if path.partition(".")[0] in properties:
            shown[name] = value_at(properties, path)
    return shown


def groups(operation: JsonObject, items: Sequence[tuple[int, WriteItem]]) -> list[list[int]]:
    """Return the requests that items go out in, as their numbers.

    A batch holds a record and a trace once: two writes of one record go in two requests, the earlier one first.
    """
    size: int = operation.get("batch", 1)
    unique = ("delivery_id", *operation.get("unique", ()))
    found: list[list[int]] = []
    taken: set[tuple[str, str]] = set()
    for index, item in items:
        marks = {(name, value) for name in unique if (value := _mark(item, name)) is not None}
        # Never into an earlier request: that would send a later write of a record before an earlier one.
        if not found or len(found[-1]) >= size or marks & taken:
            found.append([])
            taken = set()
        found[-1].append(index)
        taken |= marks
    return found


def _mark(item: WriteItem, name: str) -> str | None:
    match name:
        case "delivery_id":
            return item.delivery_id
        case "reference":
            return item.reference
        case _:
            return item.partner_id
