"""The event itself as a message: what the schemas declare, without what the plan withholds."""

from __future__ import annotations

from typing import Any

from queast_dsl.entities import entity
from queast_dsl.types import ListType, ObjectType, Type
from queast_runtime.engine.event import Event, JsonObject

_NOTHING = object()


def canonical(event: Event, withheld: tuple[str, ...]) -> JsonObject:
    """Return the CloudEvents message of an event, without the dotted paths that are withheld.

    What the schemas do not declare carries no label, so no grant can cover it and it stays too; so does a value that
    is an object or a list where the schema has a single value, or the other way round.
    """
    left_out = frozenset(withheld)
    data = {event.entity: _declared(entity(event.entity), event.body, event.entity, left_out)}
    if event.entity != "company" and isinstance(beside := event.data.get("company"), dict):
        data["company"] = _declared(entity("company"), beside, "company", left_out)
    return {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "time": event.envelope["time"],
        "subject": event.envelope.get("subject", event.entity_id),
        "datacontenttype": "application/json",
        "data": data,
    }


def _declared(shape: ObjectType, body: JsonObject, path: str, withheld: frozenset[str]) -> JsonObject:
    kept: JsonObject = {}
    for name, value in body.items():
        found, inner = shape.get(name), f"{path}.{name}"
        if found is None or inner in withheld:
            continue
        if (inside := _inside(found.type, value, inner, withheld)) is not _NOTHING:
            kept[name] = inside
    return kept


def _inside(type_: Type, value: Any, path: str, withheld: frozenset[str]) -> Any:
    if value is None:
        return None
    match type_:
        case ObjectType():
            return _declared(type_, value, path, withheld) if isinstance(value, dict) else _NOTHING
        case ListType(item=item):
            if not isinstance(value, list):
                return _NOTHING
            items = (_inside(item, each, path, withheld) for each in value)
            return [each for each in items if each is not _NOTHING]
        case _:
            return _NOTHING if isinstance(value, dict | list) else value
