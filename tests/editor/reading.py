"""A mapping as an editor has it: YAML 1.2 says what a plain scalar is, and the tenant's schema what may stand where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
from referencing import Registry

from queast_compiler.editor import mapping_schema
from queast_compiler.passes.program import Destination
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.loading import load_connector, load_tenant
from queast_dsl.loading.bases import shipped_bases
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, SeqNode, Style, at, key_at
from queast_dsl.source import Span

Schema = dict[str, Any]
_INTEGER = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def as_an_editor_reads(node: Node) -> Any:
    """Return a tree as JSON by the core schema of YAML 1.2: `12` is a number, `"12"` and `NO` are text."""
    match node:
        case MapNode():
            return {entry.key.value: as_an_editor_reads(entry.value) for entry in node.entries}
        case SeqNode():
            return [as_an_editor_reads(item) for item in node.items]
        case ScalarNode(style=Style.PLAIN):
            return _plain(node.value)
        case ScalarNode():
            return node.value


def _plain(text: str) -> Any:
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text.lower() in ("true", "false") and text in (text.lower(), text.upper(), text.capitalize()):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def schema_of(tenant: str, connection: str, sources: Mapping[str, bytes]) -> Schema:
    """Return the schema of mappings to a connection of a tenant whose files are in memory."""
    diagnostics = Diagnostics()
    documents = load_tenant(Path("mappings"), tenant, diagnostics, sources=sources)
    described = documents.connections[connection]
    connector = load_connector(described.connector.value, diagnostics)
    assert connector is not None, diagnostics.findings
    destination = Destination(described, connector, documents.accounts.get(connection))
    return mapping_schema(destination, sorted(documents.connections), shipped_bases())


def underlined(schema: Schema, tree: Node) -> list[Span]:
    """Return what a validator that knows nothing of ours has against a mapping: the keys and values it means."""
    # Behind a reference the library would go by `$schema` to its own class again.
    undialected = {key: each for key, each in schema.items() if key != "$schema"}
    validator = _VALIDATOR(undialected, registry=Registry())
    return [span for error in validator.iter_errors(as_an_editor_reads(tree)) for span in _places(error, tree)]


def _properties(validator: Any, rules: Schema, value: Any, schema: Schema) -> Iterator[jsonschema.ValidationError]:
    """As the library's own, which says of a key that must not be there neither where it is nor what it is called."""
    yield from jsonschema.Draft202012Validator.VALIDATORS["properties"](
        validator, {key: rule for key, rule in rules.items() if rule is not False}, value, schema
    )
    if isinstance(value, dict):
        for key in (key for key, rule in rules.items() if rule is False and key in value):
            yield jsonschema.ValidationError(f"{key} is not allowed", validator="false", path=(key,))


_VALIDATOR: Any = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"properties": _properties})


def _places(error: jsonschema.ValidationError, tree: Node) -> list[Span]:
    path = tuple(error.absolute_path)
    node = at(tree, path)
    assert node is not None, path
    if error.validator == "additionalProperties" and isinstance(node, MapNode):
        known, patterns = error.schema.get("properties", {}), error.schema.get("patternProperties", {})
        return [
            entry.key.span
            for entry in node.entries
            if entry.key.value not in known and not any(re.search(each, entry.key.value) for each in patterns)
        ]
    key = key_at(tree, path)
    if isinstance(error.instance, str) and "propertyNames" in error.absolute_schema_path and isinstance(node, MapNode):
        return [entry.key.span for entry in node.entries if entry.key.value == error.instance]
    # A key that must not be there is meant itself, whatever stands behind it.
    is_key = error.validator == "false" or isinstance(node, MapNode)
    return [key.span if key is not None and is_key else node.span]
