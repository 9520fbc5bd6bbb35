"""Routes of one connection: what may stand in one depends on the entity it is about and the object it goes to.

    to: companies, entity: company   ->  fields of HubSpot's companies, events of a company, no body
    to: notes, entity: signal        ->  fields of a note, `attach_to: [company]`, no `write`

Exactly one branch of the chain applies to a route, so one mistake is underlined once. A route that a base mapping
lends its `entity` and `to` is told by its name, with what it says itself coming first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from queast_compiler.editor.dialect import JsonObject, all_known, needs
from queast_compiler.editor.reading import Roots, roots_of
from queast_compiler.passes.entity_events import routable_events
from queast_compiler.passes.resolve_objects import fitting_roles, hosts_of
from queast_dsl.document.connector import Connector, ConnectorObject
from queast_dsl.loading.bases import Base, BaseRoute

_READING = ("when", "body")
_WHOLE = ("entity", "events", "to")
_NAME = "[a-z][a-z0-9]*(-[a-z0-9]+)*$"
_FORMS = ("from", "const", "template", "render")


@dataclass(frozen=True, slots=True)
class Pair:
    """An object and an entity that may go there."""

    object: ConnectorObject
    roots: Roots

    @property
    def entity(self) -> str:
        return self.roots.entity

    @property
    def definition(self) -> str:
        return f"{self.object.name}.{self.entity}"


def pairs_of(connector: Connector, entities: Sequence[str]) -> tuple[Pair, ...]:
    """Return every object with every entity that may go there, in the manifest's order."""
    return tuple(
        Pair(object, roots_of(entity))
        for object in connector.objects.values()
        for entity in entities
        if object.role in fitting_roles(entity)
    )


def route_definitions(
    generic: JsonObject, connector: Connector, pairs: Sequence[Pair], entities: Sequence[str]
) -> JsonObject:
    """Return the definitions that `routes_schema` refers to: `route`, what each pair adds to it, what an entity adds.

    `generic` is the definition of a route in the document's schema.
    """
    properties = dict(generic["properties"])
    # Each branch says itself what they read; an editor would offer them twice.
    spoken = {key: properties[key] for key in _READING}
    properties |= dict.fromkeys(_READING, True)
    fields = properties["fields"]
    properties["fields"] = {key: fields[key] for key in ("type", "maxProperties")}
    properties["to"] = {
        "description": properties["to"]["description"],
        "enum": list(connector.objects),
        "enumDescriptions": [f"Stands for a {each.role}." for each in connector.objects.values()],
    }
    defs: JsonObject = {"route": {**generic, "properties": properties}, "reading": {"properties": spoken}}
    for pair in pairs:
        defs[f"route {pair.definition}"] = {"properties": {**_reading(spoken, pair.roots), **_of_pair(pair, connector)}}
    for entity in entities:
        fitting = [pair.object.name for pair in pairs if pair.entity == entity]
        defs[f"route {entity}"] = {
            "properties": {
                **_reading(spoken, roots_of(entity)),
                "events": _events(routable_events()[entity].anywhere),
                "to": _exchange(fitting, connector.objects),
            }
        }
    return defs


def routes_schema(defs: JsonObject, pairs: Sequence[Pair], entities: Sequence[str], base: Base | None) -> JsonObject:
    """Return the schema of `routes:` in a mapping on top of `base`, or on none. `defs` are the definitions so far."""
    lent = () if base is None else base.routes
    chain = _chain(pairs, entities, {})
    others = "|".join(each.name for each in lent)
    # A name that cannot be one is refused as such, and nothing more is said of it.
    well_named = f"^(?!(?:{others})$){_NAME}" if lent else f"^{_NAME}"
    return {
        "properties": {each.name: _lent(each, pairs, entities, defs) for each in lent},
        "patternProperties": {well_named: {"allOf": [{"$ref": "#/$defs/route"}, _whole(defs), chain]}},
    }


def _whole(defs: JsonObject) -> JsonObject:
    """What a route needs that no base lends anything. Where none of it is there the name may be meant for another."""
    return {
        "if": {"not": {"anyOf": [{"required": [key]} for key in _WHOLE]}},
        "then": needs(["to"], defs["route"]["properties"]),
        "else": needs(_WHOLE, defs["route"]["properties"]),
        "properties": {"fields": {"additionalProperties": _a_value(defs)}},
    }


def _a_value(defs: JsonObject) -> JsonObject:
    """A field in its long form says what is written, unless it says something unknown, which may have been that."""
    known = {"type": "object", **all_known(defs["field_form"]["properties"])}
    return {"if": known, "then": {"anyOf": [{"required": [form]} for form in _FORMS]}}


def open_routes_schema(pairs: Sequence[Pair], entities: Sequence[str]) -> JsonObject:
    """Return the schema of `routes:` where it is not known what a base lends: nothing is missed."""
    return {"additionalProperties": {"allOf": [{"$ref": "#/$defs/route"}, _chain(pairs, entities, {})]}}


def _lent(route: BaseRoute, pairs: Sequence[Pair], entities: Sequence[str], defs: JsonObject) -> JsonObject:
    missing = [key for key in _WHOLE if key not in route.keys]
    fields = {"properties": dict.fromkeys(route.fields, True), "additionalProperties": _a_value(defs)}
    own: list[JsonObject] = [
        {"properties": {"fields": fields}},
        _chain(pairs, entities, route.lent),
        *([needs(missing, defs["route"]["properties"])] if missing else []),
    ]
    return {
        "type": "object",
        "description": f"A route of the base, from {route.lent.get('entity')} to {route.lent.get('to')}.",
        "allOf": [{"$ref": "#/$defs/route"}, *own],
    }


def _chain(pairs: Sequence[Pair], entities: Sequence[str], lent: Mapping[str, str]) -> JsonObject:
    """Return `if / then / else if …`: by object and entity, else by the entity alone, else by the object alone."""
    cases: list[tuple[JsonObject, JsonObject]] = [
        (_says({"to": pair.object.name, "entity": pair.entity}, lent), _reference(f"route {pair.definition}"))
        for pair in pairs
    ]
    cases += [(_says({"entity": entity}, lent), _reference(f"route {entity}")) for entity in entities]
    first = {pair.object.name: pair for pair in reversed(pairs)}
    cases += [(_says({"to": name}, lent), _alone(pair)) for name, pair in sorted(first.items())]
    chain: JsonObject = _reference("reading")
    for condition, then in reversed(cases):
        chain = {"if": condition, "then": then, "else": chain}
    return chain


def _says(wanted: Mapping[str, str], lent: Mapping[str, str]) -> JsonObject:
    """`{"to": "notes"}`  ->  that `to` is there and is `notes`; where the base lends that, that no other is."""
    needed = [key for key, value in wanted.items() if lent.get(key) != value]
    said: JsonObject = {"properties": {key: {"const": value} for key, value in wanted.items()}}
    return {**said, "required": needed} if needed else said


def _reference(definition: str) -> JsonObject:
    return {"$ref": f"#/$defs/{definition.replace(' ', '%20')}"}


def _of_pair(pair: Pair, connector: Connector) -> JsonObject:
    object, entity = pair.object, pair.entity
    events = routable_events()[entity]
    sends = object.action == "send"
    hosts = hosts_of(object, connector, entity)
    return {
        "events": _events(events.anywhere if sends else events.in_sync),
        "attach_to": _only(tuple(hosts), ("company", "person")) if hosts else False,
        **({} if object.action == "upsert" else {"write": False}),
        **({"fields": False} if sends else {**_fields_of(pair), "body": False, "headers": False}),
    }


def _alone(pair: Pair) -> JsonObject:
    """What the object says where nothing says what the route is about."""
    return {**_reference("reading"), "properties": _fields_of(pair)}


def _fields_of(pair: Pair) -> JsonObject:
    return {} if pair.object.action == "send" else {"fields": {"$ref": f"#/$defs/{pair.definition}"}}


def _reading(spoken: JsonObject, roots: Roots) -> JsonObject:
    """What the document's schema says of places that hold expressions, and which names begin them in such a route."""
    examples = {"when": [roots.condition], "body": [roots.body]}
    return {
        key: {**each, "description": f"{each['description']} {roots.sentence}", "examples": examples[key]}
        for key, each in spoken.items()
    }


def _events(allowed: Iterable[str]) -> JsonObject:
    every = {event for each in routable_events().values() for event in each.anywhere | each.obeyed}
    return _only(sorted(allowed), sorted(every))


def _only(allowed: Sequence[str], known: Iterable[str]) -> JsonObject:
    """Of the items of a list. What is not known at all is refused where the list itself is described."""
    exchange = _exchange(allowed, known)
    return {"items": exchange} if exchange else {}


def _exchange(allowed: Sequence[str], known: Iterable[str]) -> JsonObject:
    barred = [word for word in known if word not in allowed]
    if not barred:
        return {}
    return {"if": {"enum": barred}, "then": {"enum": list(allowed)} if allowed else False}
