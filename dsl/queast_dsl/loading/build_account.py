"""`accounts/<connection>.json`: strict JSON to an `Account`.

Account files are written by a command and can be large, so they are read by the JSON parser; places are only worked
out where there is something to report.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NoReturn

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.document.connections import Account, AccountOption, AccountOwner, AccountProperty
from queast_dsl.loading.json_places import place_of
from queast_dsl.loading.nodes import Step
from queast_dsl.loading.validate import errors_of
from queast_dsl.source import SourceFile, Span

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 32
_HELP = "ask Queast for the account file anew rather than editing it"
JsonObject = dict[str, Any]


class _NotStrictError(ValueError):
    """What the JSON parser would let pass."""


def _unique(pairs: list[tuple[str, Any]]) -> JsonObject:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _NotStrictError(f"key `{key[:60]}` is given twice")
            seen.add(key)
    return value


def _no_constant(name: str) -> NoReturn:
    raise _NotStrictError(f"{name} is no JSON number")


def read_json(source: SourceFile, diagnostics: Diagnostics, help: str = _HELP) -> Any:
    """Return the parsed text, or None after reporting where it is not strict JSON (`null` alone is refused too)."""
    try:
        value = json.loads(source.text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        _report_json(source, message, error.pos, diagnostics, help)
        return None
    except RecursionError:
        _report_json(source, f"nesting is deeper than {MAX_DEPTH} levels", 0, diagnostics, help)
        return None
    except ValueError as error:
        # A duplicate key, NaN, or an integer of thousands of digits.
        message = str(error) if isinstance(error, _NotStrictError) else "a number has too many digits"
        _report_json(source, message, 0, diagnostics, help)
        return None
    if value is None:
        _report_json(source, "not JSON: the file holds null alone", 0, diagnostics, help)
    return value


def _report_json(source: SourceFile, message: str, offset: int, diagnostics: Diagnostics, help: str) -> None:
    offset = min(offset, len(source.text))
    span = Span(source, offset, min(offset + 1, len(source.text)))
    diagnostics.report("QM022", message, span, help=help)


def build_account(source: SourceFile, diagnostics: Diagnostics) -> Account | None:
    """Return the account, or None after reporting what is wrong with its file."""
    value = read_json(source, diagnostics)
    if value is None:
        return None
    if report_first(source, value, "account", diagnostics, _HELP):
        return None
    if not _is_moment(value["pulled_at"]):
        _report_shape(source, ("pulled_at",), "pattern", "no such day or time", diagnostics, _HELP)
        return None
    return Account(
        connector=value["connector"],
        account=value["account"],
        pulled_at=value["pulled_at"],
        objects={name: _properties(each["properties"]) for name, each in value["objects"].items()},
        owners=tuple(AccountOwner(owner["id"], owner["email"]) for owner in value.get("owners", ())),
        source=source,
    )


def report_first(source: SourceFile, value: Any, schema: str, diagnostics: Diagnostics, help: str) -> bool:
    """Report the outermost thing that is not as a schema asks; say whether there is one."""
    errors = errors_of(value, schema)
    if not errors:
        return False
    first = min(errors, key=lambda error: (len(error.absolute_path), [str(step) for step in error.absolute_path]))
    _report_shape(source, tuple(first.absolute_path), str(first.validator), first.message, diagnostics, help)
    return True


def _is_moment(text: str) -> bool:
    """`2026-02-30T08:00:00Z` has the form of a moment and is none."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _report_shape(
    source: SourceFile, path: tuple[Step, ...], keyword: str, detail: str, diagnostics: Diagnostics, help: str
) -> None:
    shown = f"`{'.'.join(str(step) for step in path)}`" if path else "the file"
    match keyword:
        case "required":
            code, message = "QM101", f"{shown} needs `{detail}`"
        case "additionalProperties":
            code, message = "QM100", f"{shown} has no key `{detail[:60]}`"
        case "type":
            code, message = "QM102", f"{shown} is of the wrong kind"
        case "enum" | "const":
            code, message = "QM103", f"{shown} cannot have this value"
        case "minimum" | "maximum":
            code, message = "QM106", f"{shown} is out of range"
        case "pattern":
            code, message = "QM104", f"{shown} is not well formed"
        case _:
            code, message = "QM105", f"{shown} is too long or too short"
    start, end = place_of(source.text, path)
    diagnostics.report(code, message, Span(source, start, end), help=help)


def _properties(properties: JsonObject) -> dict[str, AccountProperty]:
    return {name: _property(name, value) for name, value in properties.items()}


def _property(name: str, value: JsonObject) -> AccountProperty:
    options = value.get("options", ())
    return AccountProperty(
        name=name,
        label=value["label"],
        type=value["type"],
        required=value.get("required", False),
        read_only=value.get("read_only", False),
        max_length=value.get("max_length"),
        options=tuple(AccountOption(each["value"], each.get("label", each["value"])) for each in options),
    )
