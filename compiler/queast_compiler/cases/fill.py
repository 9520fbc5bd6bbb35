"""From the little that a test says of an event to an event that the engine takes.

`event: company.updated`, `company: {domain: a.no}`  ->  an envelope around a company with an id, a sequence, a name
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, assert_never

from queast_compiler.cases.model import JsonObject
from queast_dsl.document.cases import Bare, Member, Members, as_json
from queast_dsl.entities import entity, event_data, highlight
from queast_dsl.types import (
    BoolType,
    DatetimeType,
    DateType,
    EnumType,
    IntType,
    ListType,
    NullType,
    NumType,
    ObjectType,
    StrType,
    Type,
    UnknownType,
)

# What a test is about where it does not say: one of each.
IDS: Final[Mapping[str, str]] = {"company": "c1", "person": "p1", "signal": "s1", "job_ad": "j1"}
# Of the words that a schema admits, those with which an event goes out.
_USUAL: Final = ("strict", "active")
_ADDRESS: Final = "https://example.com/"


class NoSuchField(Exception):
    """A key that the entity's schema has not. `known` are those that it has."""

    def __init__(self, member: Member, known: tuple[str, ...], shape: str) -> None:
        super().__init__(member.name.value)
        self.member, self.known, self.shape = member, known, shape


class WrongKind(Exception):
    """A value of another type than the entity's schema asks for."""

    def __init__(self, member: Member, wanted: str, shape: str) -> None:
        super().__init__(member.name.value)
        self.member, self.wanted, self.shape = member, wanted, shape


def envelope(kind: str, bodies: Mapping[str, JsonObject], number: int, now: datetime) -> JsonObject:
    """Return the event of a kind such as `company.updated`; `bodies` are what was given of each entity, typed.

    What an event of this kind does not carry of them is left out.
    """
    about = kind.partition(".")[0]
    body = dict(bodies.get(about, {}))
    inside = entity(about).get("company")
    if inside is not None:
        body["company"] = {**bodies.get("company", {}), **body.get("company", {})}
    company = bodies.get("company", {}).get("id", IDS["company"])
    if entity(about).get("company_id") is not None:
        body.setdefault("company_id", company)
    body.setdefault("id", IDS[about])
    body.setdefault("sequence", number)
    data: JsonObject = {about: filled(entity(about), body, now)}
    beside = dict(event_data(about))
    if about != "company" and "company" in beside and "company" in bodies:
        data["company"] = filled(entity("company"), {"id": IDS["company"], **bodies["company"]}, now)
    return {
        "specversion": "1.0",
        "id": f"test-event-{number}",
        "source": "queast",
        "type": f"queast.{kind}",
        "time": now.isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }


def whole_company(body: JsonObject, now: datetime) -> JsonObject:
    """Return a company of ours that is known before the first event."""
    return filled(entity("company"), {"id": IDS["company"], "sequence": 0, **body}, now)


def whole_highlight(body: JsonObject, now: datetime) -> JsonObject:
    """Return what a sender says of a company that somebody marked there."""
    given = {"id": "test-highlight", "type": "company.interest_highlighted", **body}
    return filled(highlight(), given, now)


def filled(shape: ObjectType, given: Mapping[str, Any], now: datetime) -> JsonObject:
    """Return an object with a value for every key that its schema requires."""
    made: JsonObject = dict(given)
    for prop in shape.properties:
        if isinstance(prop.type, ObjectType) and isinstance(made.get(prop.name), dict):
            made[prop.name] = filled(prop.type, made[prop.name], now)
        elif prop.name not in made and not prop.optional:
            made[prop.name] = _default(prop.type, prop.name, shape, now)
    return made


def _default(type_: Type, name: str, shape: ObjectType, now: datetime) -> Any:
    match type_:
        case StrType(format="uri"):
            return _ADDRESS
        case StrType(format="country"):
            return "NO"
        case StrType():
            return IDS.get(shape.name, "x1") if name == "id" else f"A {shape.name.rpartition('.')[2]}"
        case EnumType(values=values):
            return next((each for each in _USUAL if each in values), values[0])
        case IntType() | NumType():
            return 1
        case BoolType():
            return False
        case DateType():
            return now.date().isoformat()
        case DatetimeType():
            return now.isoformat()
        case ListType():
            return []
        case ObjectType():
            return filled(type_, {}, now)
        case NullType() | UnknownType():
            return None
        case _:
            assert_never(type_)


def typed(shape: ObjectType, given: Members) -> JsonObject:
    """Return what was given of an object, each value of the type that its schema asks for.

    Raises NoSuchField and WrongKind.
    """
    made: JsonObject = {}
    for member in given:
        prop = shape.get(member.name.value)
        if prop is None:
            raise NoSuchField(member, shape.names, shape.name)
        made[member.name.value] = _typed(prop.type, member.value, member, shape.name)
    return made


def _typed(type_: Type, value: Any, member: Member, shape: str) -> Any:
    if isinstance(value, Bare) and as_json(value) is None:
        return None
    match type_, value:
        case ((StrType() | EnumType() | DateType() | DatetimeType()), str()):
            return str(value)
        case ((IntType() | NumType() | BoolType()), Bare()):
            found = as_json(value)
            fits = (bool,) if isinstance(type_, BoolType) else (int,) if isinstance(type_, IntType) else (int, float)
            if isinstance(found, fits) and isinstance(found, bool) == isinstance(type_, BoolType):
                return found
        case ListType(item=item), list():
            return [_typed(item, each, member, shape) for each in value]
        case ObjectType(), dict():
            inner = {}
            for name, each in value.items():
                prop = type_.get(name)
                if prop is None:
                    raise NoSuchField(member, type_.names, type_.name)
                inner[name] = _typed(prop.type, each, member, type_.name)
            return inner
        case ((NullType() | UnknownType()), _):
            return as_json(value)
        case _:
            pass
    raise WrongKind(member, _called(type_), shape)


def _called(type_: Type) -> str:
    match type_:
        case IntType():
            return "a whole number"
        case NumType():
            return "a number"
        case BoolType():
            return "true or false"
        case ListType():
            return "a list"
        case ObjectType():
            return "a mapping"
        case _:
            return "text"
