"""Connector manifests: a YAML file with its schema -> `Connector`."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from queast_dsl.diagnostics import Diagnostics, Finding
from queast_dsl.document.connector import Connector, ConnectorField, ConnectorObject, JsonObject, Wiring
from queast_dsl.loading.check_connector import check_connector
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, SeqNode, Style, at, key_at
from queast_dsl.loading.source import read_source
from queast_dsl.loading.tree import read_tree
from queast_dsl.source import Located, SourceFile, SourceText, Span

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,9}")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_RUNTIME = ("api", "auth", "codec", "rate_limit", "errors", "objects")


def connector_names(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the manifests in `folder` (those that ship where it is None), sorted."""
    home = folder if folder is not None else files("queast_dsl") / "connectors"
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in home.iterdir() if entry.name.endswith(".yaml")))


def load_connector(name: str, diagnostics: Diagnostics, folder: Path | None = None) -> Connector | None:
    """Return the connector `name` from `folder` (the manifests that ship where it is None).

    None where there is no such manifest (nothing is reported: the finding belongs to whoever names it) or where the
    manifest is wrong (reported, with its place in the manifest).
    """
    if _NAME.fullmatch(name) is None:
        return None
    home = folder if folder is not None else files("queast_dsl") / "connectors"
    entry = home.joinpath(f"{name}.yaml")
    if not entry.is_file():
        return None
    connector, findings = _parsed(name, entry.read_bytes())
    diagnostics.extend(findings)
    return connector


@lru_cache(maxsize=32)
def _parsed(name: str, data: bytes) -> tuple[Connector | None, tuple[Finding, ...]]:
    """Every connection of every tenant asks for the same few manifests; the same bytes are read once."""
    diagnostics = Diagnostics()
    return _parse(name, data, diagnostics), tuple(diagnostics)


def _parse(name: str, data: bytes, diagnostics: Diagnostics) -> Connector | None:
    source = read_source(f"connectors/{name}.yaml", data, diagnostics)
    tree = None if source is None else read_tree(source, diagnostics)
    if source is None or tree is None:
        return None
    value = plain(tree)
    errors = sorted(_validator().iter_errors(value), key=lambda error: [str(step) for step in error.absolute_path])
    # A misspelt key is also a missing one: one mistake, one finding.
    misspelt = {tuple(error.absolute_path) for error in errors if error.validator == "additionalProperties"}
    for error in errors:
        path = tuple(error.absolute_path)
        if error.validator != "required" or path not in misspelt:
            diagnostics.report("QM601", _lower(error.message), _place(tree, path, error.validator, error.message))
    if errors:
        return None
    connector = _build(cast(MapNode, tree), cast(JsonObject, value), source)
    if not check_connector(connector, tree, diagnostics):
        return None
    return connector


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator
    from referencing import Registry

    from queast_schemas import load

    return Draft202012Validator(load("connector"), registry=Registry())


def plain(node: Node) -> Any:
    """Return a node as JSON: unquoted true, false, null and numbers are read as such, all else is text."""
    match node:
        case MapNode():
            return {entry.key.value: plain(entry.value) for entry in node.entries}
        case SeqNode():
            return [plain(item) for item in node.items]
        case ScalarNode():
            if node.style is not Style.PLAIN:
                return node.value
            if node.value in _WORDS:
                return _WORDS[node.value]
            if _INTEGER.fullmatch(node.value):
                return int(node.value)
            return float(node.value) if _DECIMAL.fullmatch(node.value) else node.value


def _place(tree: Node, path: tuple[str | int, ...], rule: object, message: str) -> Span:
    node = at(tree, path) or tree
    if rule == "additionalProperties" and isinstance(node, MapNode):
        unknown = next((entry.key for entry in node.entries if f"'{entry.key.value}'" in message), None)
        if unknown is not None:
            return unknown.span
    key = key_at(tree, path)
    if rule in ("required", "additionalProperties") and key is not None:
        return key.span
    return node.span


def _lower(message: str) -> str:
    text = message.removesuffix(".").replace("'", "`")
    text = text.replace("Additional properties are not allowed", "unknown key")
    return text if len(text) <= 300 else text[:300] + "…"


def _build(tree: MapNode, value: JsonObject, source: SourceFile) -> Connector:
    connection = value["connection"]
    return Connector(
        name=value["connector"],
        version=value["version"],
        supported_until=value["api"]["supported_until"],
        credentials=tuple(connection["credentials"]),
        needs_url=connection["needs_url"],
        time_zone_required=connection["time_zone_required"],
        codec=_codec(value["codec"]),
        objects={name: _object(name, each, tree) for name, each in value["objects"].items()},
        signal_destination=Located(value["signal_destination"], _span(tree, "signal_destination")),
        runtime={key: value[key] for key in _RUNTIME},
        source=source,
    )


def _object(name: str, value: JsonObject, tree: MapNode) -> ConnectorObject:
    where = ("objects", name)
    attach: JsonObject = value.get("attach", {})
    matching: JsonObject | None = value.get("match")
    return ConnectorObject(
        name=name,
        role=value["role"],
        action=value["action"],
        fields={key: _field(key, each, (*where, "fields", key), tree) for key, each in value["fields"].items()},
        open=value["open"],
        external_id=value["external_id"],
        domain_properties=tuple(matching.get("domain_to", ())) if matching else (),
        card=tuple(matching["card"].items()) if matching else (),
        attach=tuple(attach),
        attach_required=any(each["required"] for each in attach.values()),
        codec=_codec(value.get("codec", {})),
        requires_edition=tuple(value.get("requires_edition", ())),
        span=_span(tree, *where),
        domain_from=_text(tree, *where, "match", "domain_from") if matching and "domain_from" in matching else None,
        read=tuple(value.get("read", ())),
    )


def _field(name: str, value: JsonObject, where: tuple[str, ...], tree: MapNode) -> ConnectorField:
    return ConnectorField(
        name=name,
        type=value["type"],
        required=value.get("required", False),
        read_only=value.get("read_only", False),
        max_length=value.get("max_length"),
        overflow=value.get("overflow", "error"),
        options=tuple(value.get("options", ())),
        span=_span(tree, *where),
        write_only=value.get("write_only", False),
        clear=value.get("clear"),
    )


def _codec(value: JsonObject) -> dict[str, Wiring]:
    return {kind: Wiring(each["wire"], each["clear"], each.get("json")) for kind, each in value.items()}


def _span(tree: MapNode, *path: str) -> Span:
    key = key_at(tree, path)
    return tree.span if key is None else key.span


def _text(tree: MapNode, *path: str) -> SourceText:
    node = at(tree, path)
    if not isinstance(node, ScalarNode):
        raise TypeError(f"the manifest's {'.'.join(path)} is checked to be text")
    return node.text
