"""What a schema has against a document, as findings: one for each mistake, at the key or the value that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from jsonschema import ValidationError

import queast_schemas
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.fixes import renamed
from queast_dsl.diagnostics.model import Fix
from queast_dsl.diagnostics.nearest import nearest
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, SeqNode, Step, Style, at, key_at
from queast_dsl.loading.places import VALUE_FORMS
from queast_dsl.loading.plain import SCALARS
from queast_dsl.loading.unknown_keys import Keys, unknown_keys
from queast_dsl.loading.validate import errors_of, plain_value
from queast_dsl.source import Span

_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
Path = tuple[Step, ...]
_KINDS = {
    "string": "text",
    "object": "a mapping",
    "array": "a list",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}
_LENGTHS: Mapping[str, str] = {
    "minLength": "is too short: at least {} characters",
    "maxLength": "is too long: at most {} characters",
    "minItems": "has too few items: at least {}",
    "maxItems": "has too many items: at most {}",
    "minProperties": "has too few entries: at least {}",
    "maxProperties": "has too many entries: at most {}",
}


@dataclass(frozen=True, slots=True)
class _Fault:
    """A finding before it is reported. Of several at one place the lowest `rank` stays."""

    rank: int
    code: str
    message: str
    span: Span
    help: str
    fix: Fix | None = None


def check_structure(root: Node, schema: str, diagnostics: Diagnostics, explained: Iterable[Path] = ()) -> bool:
    """Report what `<schema>.schema.json` refuses in a tree; return whether it is sound.

    Nothing is said at or below the `explained` paths: they have their finding already.
    """
    silent = set(explained)
    errors = [(tuple(error.absolute_path), error) for error in errors_of(plain_value(root), schema)]
    later = {path for path, error in errors if error.validator == "x-later"}
    faults: dict[tuple[Path, str], _Fault] = {}
    missing = {(path, error.message) for path, error in errors if error.validator == "required"}
    meant = {(path, near) for path, error in errors if (near := _near_key(path, error, missing))}
    unknown = unknown_keys(errors, missing, meant)
    meant |= unknown.in_place_of
    for path, error in errors:
        if _is_below(path, silent) or _is_below(path, later - {path}):
            continue
        if path in later and error.validator != "x-later":
            continue
        if error.validator == "required" and (path, error.message) in meant:
            continue
        if error.validator == "additionalProperties" and (path, error.message) in unknown.told:
            continue
        fault = _no_mapping(root, schema) if error.validator == "type" and not path else None
        fault = fault or _fault(root, path, error, missing)
        if error.validator == "additionalProperties" and (needed := unknown.missing_at(path)) is not None:
            fault = replace(fault, help=f"`{needed}` is needed here and missing; {fault.help}")
        # Keys are faults of their own; everything else about one value is one mistake.
        own = error.message if error.validator in ("required", "additionalProperties") else _name_fault(error)
        key = (path, own)
        if key not in faults or fault.rank < faults[key].rank:
            faults[key] = fault
    for fault in faults.values():
        diagnostics.report(fault.code, fault.message, fault.span, help=fault.help, fix=fault.fix)
    return not faults and not silent


@cache
def beginning(schema: str) -> str:
    """Return the line that a document of `<schema>.schema.json` begins with: `version: 1`."""
    found = queast_schemas.load(schema)
    known = found["properties"]
    name = "version" if "version" in known else found["required"][0]
    about = known[name]
    return f"{name}: {about['const'] if 'const' in about else about['examples'][0]}"


def _is_below(path: Path, places: Iterable[Path]) -> bool:
    return any(path[: len(place)] == place for place in places)


def _near_key(path: Path, error: ValidationError, missing: Keys) -> str | None:
    if error.validator != "additionalProperties" or not isinstance(error.schema, dict):
        return None
    return _meant(error.message, error.schema.get("properties", {}), path, missing)


def _meant(name: str, known: Iterable[str], path: Path, missing: Keys) -> str | None:
    """Return the key that was meant. Of one letter only a key that is missing here tells: `a` where `as` is needed."""
    near = nearest(name, known)
    if near is None and len(name) == 1:
        needed = [key for place, key in missing if place == path and key.startswith(name) and len(key) == 2]
        near = needed[0] if len(needed) == 1 else None
    return near


def _name_fault(error: ValidationError) -> str:
    return str(error.instance) if "propertyNames" in error.absolute_schema_path else ""


def _fault(root: Node, path: Path, error: ValidationError, missing: Keys) -> _Fault:
    node = at(root, path)
    if node is None:
        raise AssertionError(f"the schema speaks of {path}, where nothing stands")
    key = key_at(root, path)
    schema: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    span, shown = _value_span(node), _shown(path)
    expected: Any = error.validator_value
    if _name_fault(error):
        return _wrong_name(node, error, schema, shown)
    match error.validator:
        case "x-later":
            return _not_available(node, key, expected, shown)
        case "additionalProperties":
            return _unknown_key(node, error, schema, shown, path, missing)
        case "required":
            return _missing_key(root, node, key, error, schema, shown)
        case "type":
            return _wrong_kind(node, expected, schema, shown)
        case "const" | "enum":
            allowed = [expected] if error.validator == "const" else expected
            return _not_allowed(node, allowed, schema, shown)
        case "pattern" if schema.get("x-secret"):
            help = "write secret://name and store the value with the runtime"
            return _Fault(1, "QM112", f"{shown} takes a reference to a secret", span, help)
        case "pattern":
            return _Fault(
                2, "QM104", f"{shown} is not well formed", span, _described(schema, "check how it is written")
            )
        case "minimum" | "maximum":
            bound = f"at {'least' if error.validator == 'minimum' else 'most'} {expected}"
            return _Fault(2, "QM106", f"{shown} is out of range: {bound}", span, _described(schema, f"write {bound}"))
        case "not":
            help = "to send nothing write the expression `null`; to send the word put it in quotes"
            return _Fault(1, "QM102", f"{shown} cannot be nothing", span, help)
        case "uniqueItems":
            return _Fault(2, "QM105", f"{shown} holds an item twice", span, "keep one of the two")
        case str(name) if name in _LENGTHS:
            return _Fault(
                3,
                "QM105",
                f"{shown} {_LENGTHS[name].format(expected)}",
                span,
                _described(schema, _enough(schema, name)),
            )
        case "anyOf":
            span = span if key is None else key.span
            help = f"give exactly one of {', '.join(VALUE_FORMS)}"
            return _Fault(2, "QM113", f"{shown} says no value", span, help)
        case "properties":
            span = span if key is None else key.span
            message = f"{_shown(path[:-1])} has a value already, so `{path[-1]}` cannot stand beside it"
            return _Fault(0, "QM113", message, span, f"keep exactly one of {', '.join(VALUE_FORMS)}")
        case _:
            raise AssertionError(f"no words for what {error.validator} refuses")


def _value_span(node: Node) -> Span:
    """Return a span worth a caret: of a block only its beginning."""
    if isinstance(node, MapNode) and not node.is_flow and node.entries:
        return node.entries[0].key.span
    if isinstance(node, SeqNode) and not node.is_flow:
        return node.span.part(0, 1)
    return node.span


def _shown(path: Path) -> str:
    return f"`{'.'.join(str(step) for step in path)}`" if path else "the file"


def _described(schema: Mapping[str, Any], otherwise: str) -> str:
    description, examples = schema.get("description"), schema.get("examples")
    parts = [str(description).rstrip(".")[:1].lower() + str(description).rstrip(".")[1:]] if description else []
    if examples and isinstance(examples[0], list) and all(isinstance(item, str) for item in examples[0]):
        parts.append(f"for example `[{', '.join(examples[0])}]`")
    elif examples and not isinstance(examples[0], dict | list):
        parts.append(f"for example `{examples[0]}`")
    return "; ".join(parts) or otherwise


def _enough(schema: Mapping[str, Any], keyword: str) -> str:
    """Say how what is too short or too long becomes right, where the schema describes nothing."""
    known = schema.get("properties")
    if keyword == "minProperties" and known:
        return f"give one of {', '.join(f'`{each}`' for each in known)}"
    return "leave something out" if keyword.startswith("max") else "add to it, or leave the key out"


def _unknown_key(
    node: Node, error: ValidationError, schema: dict[str, Any], shown: str, path: Path, missing: Keys
) -> _Fault:
    name = error.message
    entry = node.entry(name) if isinstance(node, MapNode) else None
    span = node.span if entry is None else entry.key.span
    known = [
        key
        for key, each in schema.get("properties", {}).items()
        if each is not False and each.get("x-later") is not True
    ]
    near = _meant(name, known, path, missing)
    listed = f"known here: {', '.join(known)}" if known else "nothing is known here"
    help = f"did you mean `{near}`?  {listed}" if near else listed
    fix = renamed(span, name, known)
    if fix is not None and isinstance(node, MapNode) and near in node.keys:
        fix = None
    return _Fault(2, "QM100", f"{shown} has no key `{_short(name)}`", span, help, fix)


def _missing_key(
    root: Node, node: Node, key: ScalarNode | None, error: ValidationError, schema: dict[str, Any], shown: str
) -> _Fault:
    first = root.entries[0].key.span if isinstance(root, MapNode) and root.entries else root.span
    span = key.span if key is not None else first if node is root else _value_span(node)
    about = schema.get("properties", {}).get(error.message)
    help = _described(about if isinstance(about, dict) else {}, "add it")
    return _Fault(3, "QM101", f"{shown} needs `{error.message}`", span, help)


def _wrong_kind(node: Node, expected: str | list[str], schema: dict[str, Any], shown: str) -> _Fault:
    if schema.get("x-secret"):
        help = "write secret://name and store the value with the runtime"
        return _Fault(0, "QM112", f"{shown} takes a reference to a secret", _value_span(node), help)
    kinds = [_KINDS[kind] for kind in ([expected] if isinstance(expected, str) else expected)]
    match node:
        case MapNode():
            found = "a mapping"
        case SeqNode():
            found = "a list"
        case ScalarNode():
            found = _kind_of(node)
    message = f"{shown} must be {' or '.join(kinds)}, not {found}"
    help = _described(schema, f"write {' or '.join(kinds)}")
    words = _words(schema.get("enum", []), schema)
    if words:
        help = f"{help}; allowed: {', '.join(words)}"
    return _Fault(0, "QM102", message, _value_span(node), help)


def _no_mapping(root: Node, schema: str) -> _Fault:
    """What the whole file is for is no help to who wrote something else into it than keys."""
    found = "a list" if isinstance(root, SeqNode) else _kind_of(root) if isinstance(root, ScalarNode) else "a mapping"
    help = f"write keys and their values, beginning with `{beginning(schema)}`"
    return _Fault(0, "QM102", f"the file must be a mapping, not {found}", _value_span(root), help)


def _kind_of(node: ScalarNode) -> str:
    """What a value is as it is written: `0.5` a number, `"0.5"` text."""
    value = plain_value(node)
    kinds = ("null", "boolean", "integer", "number") if node.style is Style.PLAIN else ()
    return next((_KINDS[kind] for kind in kinds if SCALARS[kind](value)), "text")


def _words(allowed: Iterable[Any], schema: Mapping[str, Any]) -> list[str]:
    """Those of the allowed values that this version carries out."""
    later = schema.get("x-later", [])
    return [str(word) for word in allowed if not isinstance(later, list) or word not in later]


def _not_allowed(node: Node, allowed: list[Any], schema: dict[str, Any], shown: str) -> _Fault:
    words = _words(allowed, schema)
    value = node.value if isinstance(node, ScalarNode) else ""
    if value in words:
        # Only in quotes can a value be what is allowed and still be refused.
        message = f"{shown} cannot be `{_short(value)}` in quotes, which make it text"
        return _Fault(1, "QM103", message, _value_span(node), f"take the quotes away; allowed: {', '.join(words)}")
    near = nearest(value, words)
    listed = f"allowed: {', '.join(words)}"
    help = f"did you mean `{near}`?  {listed}" if near else listed
    fix = renamed(node.span, value, words) if isinstance(node, ScalarNode) else None
    return _Fault(1, "QM103", f"{shown} cannot be `{_short(value)}`", _value_span(node), help, fix)


def _not_available(node: Node, key: ScalarNode | None, expected: object, shown: str) -> _Fault:
    if isinstance(expected, list) and isinstance(node, ScalarNode):
        return _Fault(
            0,
            "QM110",
            f"{shown} as `{node.value}` is not available in this version",
            node.span,
            "use another value, or leave the key out",
        )
    span = node.span if key is None else key.span
    return _Fault(0, "QM110", f"{shown} is not available in this version", span, "leave it out")


def _wrong_name(node: Node, error: ValidationError, schema: dict[str, Any], shown: str) -> _Fault:
    name = str(error.instance)
    entry = node.entry(name) if isinstance(node, MapNode) else None
    span = node.span if entry is None else entry.key.span
    help = _described(schema, "")
    better = _NOT_IN_NAMES.sub("-", name.lower()).strip("-")
    if re.search(str(schema.get("pattern", "$^")), better):
        help = f"write `{better}`" + (f": {help}" if help else "")
    help = help or "choose another name"
    return _Fault(1, "QM104", f"`{_short(name)}` cannot be a name in {shown}", span, help)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
