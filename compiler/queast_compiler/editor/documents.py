"""The schemas of the documents that people write, as editors read them."""

from __future__ import annotations

import queast_schemas
from queast_compiler.editor.dialect import JsonObject, for_editors

# In the order in which somebody meets them. An account file is pulled, not written, but read by people all the same.
_DOCUMENTS = ("mapping", "connections", "account", "tests", "policy", "connector")
_JSON = frozenset({"account"})


def document_names() -> tuple[str, ...]:
    """Return the names of the documents: `mapping`, `connections`, …"""
    known = queast_schemas.names()
    return tuple(name for name in _DOCUMENTS if name in known)


def document_schema(name: str) -> JsonObject:
    """Return the schema of one kind of document. It refers to no other file."""
    schema = for_editors(queast_schemas.load(name), yaml=name not in _JSON)
    if name == "mapping":
        _let_null_be_an_expression(schema)
    return schema


def _let_null_be_an_expression(schema: JsonObject) -> None:
    """`{from: null, on_null: clear}` and a body's `previous: null` are expressions; to an editor they hold nothing.

    A field's bare `name: null` is refused by lint anyway, so that an editor may underline `name:` with nothing behind.
    """
    defs = schema["$defs"]
    expression = defs["expression"]
    defs["expression_or_null"] = {**expression, "if": {"type": [*expression["if"]["type"], "null"]}}
    reference = {"$ref": "#/$defs/expression_or_null"}
    defs["field_form"]["properties"]["from"].update(reference)
    defs["body"]["else"] = reference
