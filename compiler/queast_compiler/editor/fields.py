"""The `fields:` of a route: the properties of the object it goes to, each with its label, limits and options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import assert_never
from urllib.parse import quote

from queast_compiler.editor.constants import constant_schema
from queast_compiler.editor.dialect import JsonObject
from queast_compiler.editor.reading import Roots
from queast_compiler.passes.properties import Property, PropertyTable
from queast_dsl.document.connections import Account
from queast_dsl.document.connector import ConnectorObject

# A key that a destination made up for a property of the account, which nobody reads or types.
_UNREADABLE = re.compile(r"[0-9a-f]{32,}")
_FORMS = "one of from, const, template and render"
_CHOSEN = frozenset({"enumeration", "set", "owner"})
_SYNTAX = frozenset("^$\\.*+?()[]{}|/")


def fields_schema(
    object: ConnectorObject, table: PropertyTable, external_id: str | None, account: Account | None, roots: Roots
) -> tuple[JsonObject, JsonObject]:
    """Return the schema of `fields:` in a route about one entity to one object, and the definitions it refers to.

    The object is closed where all properties are known: manifest and account. A property goes by its name, or by its
    label in any letter case. Offered is the name, or the label where the name is a number of 32 digits or more; a
    property that may not be written is known, so that it can be explained, and not offered.
    """
    prefix = f"{object.name}.{roots.entity}"
    defs = {
        f"{prefix}.{each.name}": _property(each, object, external_id, account, roots) for each in table.by_name.values()
    }
    references = {name: {"$ref": f"#/$defs/{_pointer(f'{prefix}.{name}')}"} for name in table.by_name}
    properties = {
        _offered(each, table): {**references[each.name], **_shown_first(defs[f"{prefix}.{each.name}"])}
        for each in table.by_name.values()
        if not _is_set_for_us(each, external_id)
    }
    patterns = {pattern: references[name] for name, pattern in _other_spellings(table, properties)}
    schema: JsonObject = {
        "description": f"What is written into {object.name}, by the destination's property. {roots.sentence}",
        "properties": properties,
        "patternProperties": patterns,
        "additionalProperties": False if table.complete else {"$ref": "#/$defs/field"},
    }
    return schema, defs


def _shown_first(schema: JsonObject) -> JsonObject:
    """What an editor looks for beside a reference, when it lists keys."""
    return {key: schema[key] for key in ("title", "description", "examples")}


def _is_set_for_us(property: Property, external_id: str | None) -> bool:
    return property.read_only or property.name == external_id


def _offered(property: Property, table: PropertyTable) -> str:
    unique = len(table.by_label[property.label.casefold()]) == 1 and property.label not in table.by_name
    return property.label if unique and _UNREADABLE.fullmatch(property.name) else property.name


def _other_spellings(table: PropertyTable, offered: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield (name, pattern of a key that means it) for what is accepted and not offered.

    A key that stands for itself must not be taken for a label as well: it would be checked, and underlined, twice.
    """
    for each in table.by_name.values():
        if each.name not in offered:
            yield each.name, f"^{_literal(each.name)}$"
    for folded, names in table.by_label.items():
        if len(names) != 1:
            continue
        (name,) = names
        taken = sorted(key for key in {*offered, *table.by_name} if key.casefold() == folded)
        barred = f"(?!(?:{'|'.join(map(_literal, taken))})$)" if taken else ""
        yield name, f"^{barred}{_in_any_case(table.by_name[name].label)}$"


def _in_any_case(label: str) -> str:
    """`Zip (US)`  ->  `[zZ][iI][pP] \\([uU][sS]\\)`: JSON Schema has no flag for it."""
    parts = []
    for char in label:
        forms = sorted({char.lower(), char.upper()} | {char})
        single = [form for form in forms if len(form) == 1]
        parts.append(f"[{''.join(single)}]" if len(single) > 1 else _literal(char))
    return "".join(parts)


def _literal(text: str) -> str:
    """Escape what is syntax to a pattern, and nothing else: JavaScript refuses needless escapes."""
    return "".join(f"\\{char}" if char in _SYNTAX else char for char in text)


def _pointer(name: str) -> str:
    return quote(name.replace("~", "~0").replace("/", "~1"), safe="~")


def _property(
    property: Property, object: ConnectorObject, external_id: str | None, account: Account | None, roots: Roots
) -> JsonObject:
    about = _about(property)
    if property.read_only:
        return _never(
            property, f"{about} Only the destination writes it.", f"only the destination writes `{property.name}`"
        )
    if property.name == external_id:
        return _never(property, f"{about} It holds our id and is set for you.", f"`{property.name}` is set for you")
    constant = constant_schema(property, account)
    form: JsonObject = {
        "from": {
            "description": f"An expression. {roots.sentence}",
            "$ref": "#/$defs/expression_or_null",
            "examples": roots.examples(property),
        },
        "const": constant,
    }
    if object.action != "upsert":
        form["write"] = False
    return {
        "title": property.label,
        "description": f"{about} An expression, or a mapping with {_FORMS}. {roots.sentence}",
        "examples": roots.examples(property)[:1] if property.type not in _CHOSEN else _first(constant),
        "if": {"type": "object"},
        "then": {"allOf": [{"$ref": "#/$defs/field_form"}, {"properties": form}]},
        "else": {"$ref": "#/$defs/expression"},
    }


def _never(property: Property, description: str, message: str) -> JsonObject:
    """Nothing fits: a list is refused for what it contains, all else for being no list. One finding, in these words."""
    return {
        "title": property.label,
        "description": description,
        "type": "array",
        "contains": False,
        "errorMessage": message,
    }


def _first(constant: JsonObject) -> list[JsonObject]:
    """`{"enum": ["lead", …]}`  ->  [{"const": "lead"}]"""
    return [{"const": each} for each in constant.get("enum", ["…"])[:1]]


def _about(property: Property) -> str:
    """`Company name: text, at most 255 characters, required.`"""
    limits = [
        *([f"at most {property.max_length} characters"] if property.max_length is not None else []),
        *(["required"] if property.required else []),
    ]
    return f"{property.label}: {', '.join([_kind(property), *limits])}."


def _kind(property: Property) -> str:
    match property.type:
        case "string":
            return "text"
        case "text":
            return "text of several lines"
        case "html":
            return "HTML"
        case "markdown":
            return "Markdown"
        case "integer":
            return "a whole number"
        case "number":
            return "a number"
        case "boolean":
            return "true or false"
        case "date":
            return "a date"
        case "datetime":
            return "a date and time"
        case "enumeration":
            return f"one of {len(property.options)} options" if property.options else "one of the account's options"
        case "set":
            return f"any of {len(property.options)} options" if property.options else "any of the account's options"
        case "owner":
            return "a person of the account, by mail address"
    assert_never(property.type)
