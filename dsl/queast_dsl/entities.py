"""Queast's objects as typed shapes, read from the schema files: a field added there needs no change here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from queast_dsl.pii import NOTHING, Labels, needs_grant
from queast_dsl.types import (
    TEXT,
    BoolType,
    DatetimeType,
    DateType,
    EnumType,
    IntType,
    ListType,
    NumType,
    ObjectType,
    Property,
    StrType,
    Type,
)
from queast_schemas import load

JsonObject = dict[str, Any]

ENTITIES: tuple[str, ...] = ("company", "person", "signal", "job_ad")
_SUFFIX = ".schema.json"


class SchemaError(ValueError):
    """An entity schema says something that the language has no type for. Names the schema and the place."""


@cache
def entity(name: str) -> ObjectType:
    """Return the shape of `company`, `person`, `signal` or `job_ad`.

    Raises KeyError for another name and SchemaError for a schema that cannot be read as a type.
    """
    if name not in ENTITIES:
        raise KeyError(name)
    return _object(load(name), name, name, 0)


@cache
def highlight() -> ObjectType:
    """Return the shape of what a sender says when a company is marked as interesting there."""
    return _object(load("highlight"), "highlight", "highlight", 0)


@cache
def event_types() -> tuple[str, ...]:
    """Return every event type of the envelope, e.g. `queast.company.updated`."""
    return tuple(load("event")["properties"]["type"]["enum"])


@cache
def event_data(entity_name: str) -> tuple[tuple[str, bool], ...]:
    """Return the keys of `data` in events about an entity, and whether each may be missing.

    `event_data("person")  ->  (("person", False), ("company", True))`
    """
    sample = f"queast.{entity_name}.created"
    for branch in load("event")["allOf"]:
        prefix = branch["if"]["properties"]["type"]["pattern"].removeprefix("^").replace("\\.", ".")
        if sample.startswith(prefix):
            data = branch["then"]["properties"]["data"]
            return tuple((key, key not in data["required"]) for key in data["properties"])
    raise KeyError(entity_name)


def personal_inside(shape: ObjectType, path: str) -> tuple[tuple[str, Labels], ...]:
    """Return what needs a grant inside an object at an event path, each with its labels, in the schema's order.

    `personal_inside(entity("signal"), "signal")  ->  (("signal.mentions", …), ("signal.mentions.person_id", …))`
    """
    found: list[tuple[str, Labels]] = []
    for prop in shape.properties:
        inner = f"{path}.{prop.name}"
        if needs_grant(inner, prop.labels):
            found.append((inner, prop.labels))
        type_ = prop.type
        while isinstance(type_, ListType):
            type_ = type_.item
        if isinstance(type_, ObjectType):
            found.extend(personal_inside(type_, inner))
    return tuple(found)


def free_texts(paths: Iterable[str]) -> frozenset[str]:
    """Return which free text is read by event paths, each named by its own entity; an object takes in all inside.

    `free_texts({"signal.job_ad", "signal.score"})  ->  {"job_ad.title", "job_ad.description"}`
    """
    read = tuple(paths)
    return frozenset(
        own
        for name in ENTITIES
        for path, own in _free_texts_of(name)
        if any(path == each or path.startswith(f"{each}.") for each in read)
    )


@cache
def _free_texts_of(name: str) -> tuple[tuple[str, str], ...]:
    """`_free_texts_of("signal")  ->  (("signal.title", "signal.title"), …, ("signal.job_ad.title", "job_ad.title"))`"""
    return tuple(_free_texts_in(entity(name), name, name))


def _free_texts_in(shape: ObjectType, path: str, own: str) -> Iterator[tuple[str, str]]:
    for prop in shape.properties:
        if "free_text" in prop.labels:
            yield f"{path}.{prop.name}", f"{own}.{prop.name}"
        inner = prop.type
        while isinstance(inner, ListType):
            inner = inner.item
        if isinstance(inner, ObjectType):
            yield from _free_texts_in(
                inner, f"{path}.{prop.name}", inner.name if inner.name in ENTITIES else f"{own}.{prop.name}"
            )


def _object(schema: JsonObject, home: str, name: str, depth: int) -> ObjectType:
    """`home` is the schema file that local references (`#/$defs/…`) point into."""
    if depth > 8:
        raise SchemaError(f"{home}: objects nest too deeply at {name}")
    required = schema.get("required", ())
    properties = []
    for key, spec in schema.get("properties", {}).items():
        target, target_home, nullable = _follow(spec, home)
        own_name = target_home if target is not spec and target_home != home else f"{name}.{key}"
        properties.append(
            Property(
                name=key,
                type=_type(target, target_home, own_name, depth),
                optional=nullable or _admits_null(target) or key not in required,
                labels=frozenset({spec["x-pii"]}) if "x-pii" in spec else NOTHING,
                description=spec.get("description", ""),
                minimum=target.get("minimum"),
                maximum=target.get("maximum"),
            )
        )
    return ObjectType(name, tuple(properties))


def _follow(spec: JsonObject, home: str) -> tuple[JsonObject, str, bool]:
    """Resolve `{"$ref": …}` and its nullable form `{"if": {"type": "null"}, "else": {"$ref": …}}`, in our files."""
    if spec.get("if") == {"type": "null"}:
        target, target_home, _ = _follow(spec["else"], home)
        return target, target_home, True
    reference = spec.get("$ref")
    if reference is None:
        return spec, home, False
    file, _, pointer = reference.partition("#")
    target_home = file.removesuffix(_SUFFIX) if file else home
    target = load(target_home)
    for step in filter(None, pointer.split("/")):
        target = target[step]
    return target, target_home, False


def _type(spec: JsonObject, home: str, name: str, depth: int) -> Type:
    declared = spec.get("type")
    kinds = [declared] if isinstance(declared, str) else list(declared or ())
    kinds = [item for item in kinds if item != "null"]
    if len(kinds) != 1:
        raise SchemaError(f"{home}: {name} needs exactly one type besides null")
    type_: Type
    match kinds[0]:
        case "string":
            type_ = _text(spec)
        case "integer":
            type_ = IntType()
        case "number":
            type_ = NumType()
        case "boolean":
            type_ = BoolType()
        case "array":
            item, item_home, _ = _follow(spec["items"], home)
            type_ = ListType(_type(item, item_home, f"{name}[]", depth + 1))
        case "object":
            type_ = _object(spec, home, name, depth + 1)
        case other:
            raise SchemaError(f"{home}: {name} has the type {other}, which the language does not know")
    return type_


def _admits_null(spec: JsonObject) -> bool:
    declared = spec.get("type")
    return isinstance(declared, list) and "null" in declared


def _text(spec: JsonObject) -> Type:
    values = spec.get("enum")
    if values is not None:
        return EnumType(tuple(value for value in values if value is not None))
    match spec.get("format"):
        case "date":
            return DateType()
        case "date-time":
            return DatetimeType()
        case None if "maxLength" not in spec:
            return TEXT
        case format_:
            return StrType(format_, spec.get("maxLength"))
