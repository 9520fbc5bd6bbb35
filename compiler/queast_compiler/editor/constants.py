"""What may stand under `const:` for a property of the destination."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import assert_never

from queast_compiler.editor.dialect import JsonObject, text
from queast_compiler.passes.properties import Property
from queast_dsl.document.connections import Account

_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")
_WHOLE = r"^[+-]?[0-9]{1,18}(?:[.]0{1,18})?$"
# What has more than 18 digits. An editor reads numbers as floats, so it has no closer bound; and of a decimal number it
# sees no digits at all: there lint is stricter, and what is past its digits is QM323 only.
_BOUNDS: JsonObject = {"exclusiveMinimum": -(10**18), "exclusiveMaximum": 10**18}
_DECIMAL = r"^[+-]?[0-9]{1,18}([.][0-9]{1,18})?([eE][+-]?[0-9]{1,3})?$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"

# (what is written, what is said of it)
Words = list[tuple[str, str]]


def constant_schema(property: Property, account: Account | None) -> JsonObject:
    """Return the schema of a constant, as `passes.constants.read_constant` takes it.

    An enumeration of one option  ->  {"description": …, "enum": ["BANKING", "Banking"], "enumDescriptions": […]}
    """
    return {"description": f"A value sent as it is, for {property.label}.", **_values(property, account)}


def _values(property: Property, account: Account | None) -> JsonObject:
    match property.type:
        case "string" | "text" | "html" | "markdown":
            limit = property.max_length if property.overflow == "error" else None
            return text({"type": "string"} if limit is None else {"type": "string", "maxLength": limit})
        case "integer":
            return {"type": ["integer", "string"], **_BOUNDS, "pattern": _WHOLE, "examples": [25]}
        case "number":
            return {"type": ["number", "string"], "pattern": _DECIMAL, "examples": [2.5]}
        case "boolean":
            return {"enum": [True, False, "true", "false"]}
        case "date":
            return {"type": "string", "pattern": _DATE, "examples": ["2026-01-31"]}
        case "datetime":
            return {"type": "string", "pattern": _MOMENT, "examples": ["2026-01-31T09:00:00Z"]}
        case "enumeration" | "set":
            return _closed(_options(property))
        case "owner":
            return _closed([] if account is None else _owners(account))
    assert_never(property.type)


def _options(property: Property) -> Words:
    """Every option by its value and, where only one carries it, by its label."""
    carried = Counter(option.label for option in property.options)
    by_value = [(option.value, option.label) for option in property.options]
    by_label = [
        (option.label, f"The same as `{option.value}`.") for option in property.options if carried[option.label] == 1
    ]
    return by_value + by_label


def _owners(account: Account) -> Words:
    """Every owner by mail address, as it is listed and in small letters, and by id.

    Lint takes an address in whatever case; an editor offers what is listed here and nothing that a pattern would allow.
    """
    by_mail = [(owner.email, f"Owner {owner.id}.") for owner in account.owners]
    by_small = [(owner.email.casefold(), f"Owner {owner.id}.") for owner in account.owners]
    return by_mail + by_small + [(owner.id, f"The owner {owner.email}.") for owner in account.owners]


def _closed(words: Words) -> JsonObject:
    """What is listed, and each word that YAML reads as a number or as true or false in that form, too.

    Without a list nothing can be said.
    """
    if not words:
        return {"$ref": "#/$defs/constant"}
    unique: dict[str, str] = {}
    for word, about in words:
        unique.setdefault(word, about)
    read = [(value, about) for word, about in unique.items() if (value := _as_read(word)) is not None]
    listed: list[tuple[object, str]] = [*unique.items(), *_distinct(read)]
    return {"enum": [value for value, _ in listed], "enumDescriptions": [about for _, about in listed]}


def _as_read(word: str) -> int | float | bool | None:
    """`13` -> 13, `true` -> True; None for what stays text."""
    if word in ("true", "false"):
        return word == "true"
    if _NUMBER.fullmatch(word) is None:
        return None
    return float(word) if "." in word else int(word)


def _distinct(values: Iterable[tuple[int | float | bool, str]]) -> Iterable[tuple[int | float | bool, str]]:
    """Two options may be told apart by `014` and `14`, which are one number."""
    seen: set[tuple[type, int | float | bool]] = set()
    for value, about in values:
        if (type(value), value) not in seen:
            seen.add((type(value), value))
            yield value, about
