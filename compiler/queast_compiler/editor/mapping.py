"""The schema of one connection's mappings: the document's, with the names that are right at this connection."""

from __future__ import annotations

from collections.abc import Sequence

from queast_compiler.editor.dialect import JsonObject, all_known, needs, without_unused
from queast_compiler.editor.documents import document_schema
from queast_compiler.editor.fields import fields_schema
from queast_compiler.editor.routes import open_routes_schema, pairs_of, route_definitions, routes_schema
from queast_compiler.passes.lower_connection import external_id_key
from queast_compiler.passes.program import Destination
from queast_compiler.passes.properties import properties_of
from queast_dsl.document.connector import Connector
from queast_dsl.loading.bases import Base

_NEEDED = ("version", "connection", "routes")


def mapping_schema(destination: Destination, connections: Sequence[str], bases: Sequence[Base]) -> JsonObject:
    """Return the schema of mappings that go to `destination`. It refers to no other file.

    `connections` are the tenant's; `bases` those that a mapping may extend. The names of objects, properties and
    options come from the manifest and the account's file. A mapping that names another connection is checked as any
    mapping is, since only that one's own schema knows better.
    """
    generic = document_schema("mapping")
    connector, account = destination.connector, destination.account
    defs: JsonObject = dict(generic["$defs"])
    entities = tuple(defs["route"]["properties"]["entity"]["enum"])
    pairs = pairs_of(connector, entities)
    defs |= {"any route": defs["route"], **route_definitions(defs["route"], connector, pairs, entities)}
    for pair in pairs:
        if pair.object.action != "send":
            external_id = external_id_key(pair.object, account)
            table = properties_of(pair.object, account)
            defs[pair.definition], own = fields_schema(pair.object, table, external_id, account, pair.roots)
            defs |= own
    defs |= _spoken_for(defs)
    defs |= {f"routes on {base.name}": routes_schema(defs, pairs, entities, base) for base in bases}
    defs["routes"] = routes_schema(defs, pairs, entities, None)
    defs["routes on another base"] = open_routes_schema(pairs, entities)
    properties = {
        **{key: each for key, each in generic["properties"].items() if key != "locked"},
        "connection": _one_of(generic["properties"]["connection"], connections),
        "extends": _one_of(generic["properties"]["extends"], [base.name for base in bases]),
    }
    routes = properties["routes"]
    properties["routes"] = {key: each for key, each in routes.items() if key != "additionalProperties"}
    name = destination.connection.name.value
    return without_unused(
        {
            # A title here would head every word that an editor explains.
            **{key: each for key, each in generic.items() if key not in ("title", "examples")},
            "description": f"A mapping to the connection {name}: {_account(connector, destination)}.",
            "properties": properties,
            "if": {"properties": {"connection": {"const": name}}},
            "then": _by_base(bases, tuple(properties)),
            "else": {"properties": {"routes": {"additionalProperties": {"$ref": "#/$defs/any%20route"}}}},
            "$defs": defs,
        }
    )


def _account(connector: Connector, destination: Destination) -> str:
    account = destination.account
    pulled = "without an account file" if account is None else f"as read at {account.pulled_at}"
    return f"{connector.name}, account {destination.connection.account.value}, {pulled}"


def _spoken_for(defs: JsonObject) -> JsonObject:
    """Definitions whose own words would be shown beside those of the place that refers to them."""
    form = defs["field_form"]
    bare = {**form["properties"], "const": True, "from": True}
    silent = {name: _without(defs[name], "description") for name in ("expression", "expression_or_null")}
    return {
        **silent,
        "field_form": {**form, "properties": bare},
        "any form": form,
        "field": {**defs["field"], "then": {"$ref": "#/$defs/any%20form"}},
    }


def _without(schema: JsonObject, key: str) -> JsonObject:
    return {name: each for name, each in schema.items() if name != key}


def _one_of(schema: JsonObject, names: Sequence[str]) -> JsonObject:
    """A closed list in place of how a name may look. Where nothing is known the schema stays as it is."""
    if not names:
        return schema
    return {"description": schema["description"], "enum": list(names), "examples": list(names)[:1]}


def _by_base(bases: Sequence[Base], known: Sequence[str]) -> JsonObject:
    """`extends: base/hubspot@1`  ->  the routes of that base by name, and what it leaves to the mapping is required."""
    # Some unknown key may be a misspelt `extends`.
    without_base = {"not": {"required": ["extends"]}, **all_known(known)}
    chain: JsonObject = {
        "if": without_base,
        "then": {
            "required": ["version", "connection"],
            "properties": {"routes": {"$ref": "#/$defs/routes"}},
            # A mapping may do nothing but receive.
            "if": {"required": ["receive"]},
            "else": {"required": ["routes"]},
        },
        "else": {"properties": {"routes": {"$ref": "#/$defs/routes%20on%20another%20base"}}},
    }
    for base in bases:
        routes = f"#/$defs/routes%20on%20{base.name.replace('/', '~1')}"
        chain = {
            "if": {"properties": {"extends": {"const": base.name}}, "required": ["extends"]},
            "then": {
                **needs([key for key in _NEEDED if key not in base.keys], known),
                "properties": {"routes": {"$ref": routes}},
            },
            "else": chain,
        }
    return chain
