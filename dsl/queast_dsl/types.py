"""Value types of the expression language: what they hold, what fits where, how they are called.

Null is no type of its own: whether a value may be null is tracked beside its type. `NullType` is the type of the
literal `null`, `UnknownType` that of something already reported, which fits everywhere and silences what follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal, assert_never

Kind = Literal["str", "int", "num", "bool", "date", "datetime", "list", "obj"]


@dataclass(frozen=True, slots=True)
class StrType:
    """Text. `format`: uri, email, hostname, phone, country, currency, language, html or None. `max_length` in
    characters, None where unbounded."""

    format: str | None = None
    max_length: int | None = None


@dataclass(frozen=True, slots=True)
class IntType:
    pass


@dataclass(frozen=True, slots=True)
class NumType:
    pass


@dataclass(frozen=True, slots=True)
class BoolType:
    pass


@dataclass(frozen=True, slots=True)
class DateType:
    pass


@dataclass(frozen=True, slots=True)
class DatetimeType:
    pass


@dataclass(frozen=True, slots=True)
class EnumType:
    """Text out of a closed list, each value once."""

    values: tuple[str, ...]
    _members: frozenset[str] | None = field(default=None, init=False, repr=False, compare=False, hash=False)

    @property
    def members(self) -> frozenset[str]:
        """The values to look one up in: made when it is first asked for, as a table may give thousands."""
        if self._members is None:
            object.__setattr__(self, "_members", frozenset(self.values))
        return self._members or frozenset()


@dataclass(frozen=True, slots=True)
class ListType:
    item: Type


@dataclass(frozen=True, slots=True)
class NullType:
    pass


@dataclass(frozen=True, slots=True)
class UnknownType:
    pass


@dataclass(frozen=True, slots=True)
class Property:
    """One property of an object. `optional` means it may be missing or null. `labels` are its privacy labels.
    `minimum` and `maximum` are the schema's for a number, each None where it has none."""

    name: str
    type: Type
    optional: bool
    labels: frozenset[str]
    description: str
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class ObjectType:
    """`name` is the entity's name, or `<entity>.<property>` for an object inside one."""

    name: str
    properties: tuple[Property, ...]
    _by_name: dict[str, Property] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {prop.name: prop for prop in self.properties})

    def get(self, name: str) -> Property | None:
        return self._by_name.get(name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._by_name)


Type = (
    StrType
    | IntType
    | NumType
    | BoolType
    | DateType
    | DatetimeType
    | EnumType
    | ListType
    | ObjectType
    | NullType
    | UnknownType
)

TEXT = StrType()
UNKNOWN = UnknownType()
NULL = NullType()


def kind(type_: Type) -> Kind:
    """Return how a value of the type is held at run time. An enum is text; null and unknown count as text."""
    match type_:
        case StrType() | EnumType() | NullType() | UnknownType():
            return "str"
        case IntType():
            return "int"
        case NumType():
            return "num"
        case BoolType():
            return "bool"
        case DateType():
            return "date"
        case DatetimeType():
            return "datetime"
        case ListType():
            return "list"
        case ObjectType():
            return "obj"
    assert_never(type_)


def describe(type_: Type) -> str:
    """Return the type in words: `text`, `a whole number`, `a list of text`."""
    match type_:
        case StrType(format=None):
            return "text"
        case StrType(format=format_):
            return f"text ({format_})"
        case IntType():
            return "a whole number"
        case NumType():
            return "a number"
        case BoolType():
            return "true or false"
        case DateType():
            return "a date"
        case DatetimeType():
            return "a date and time"
        case EnumType(values=(value,)):
            return f"the text '{value}'"
        case EnumType(values=values):
            shown = ", ".join(f"'{value}'" for value in values[:3])
            return f"one of {shown}{', …' if len(values) > 3 else ''}"
        case ListType(item=UnknownType() | NullType()):
            return "a list"
        case ListType(item=item):
            return f"a list of {describe(item)}"
        case ObjectType(name=name):
            return f"an object ({name})"
        case NullType():
            return "null"
        case UnknownType():
            return "unknown"
    assert_never(type_)


def is_text(type_: Type) -> bool:
    return isinstance(type_, StrType | EnumType | UnknownType)


def is_number(type_: Type) -> bool:
    return isinstance(type_, IntType | NumType | UnknownType)


def is_moment(type_: Type) -> bool:
    return isinstance(type_, DateType | DatetimeType | UnknownType)


def is_scalar(type_: Type) -> bool:
    return not isinstance(type_, ListType | ObjectType)


def assignable(value: Type, target: Type) -> bool:
    """Return whether every value of type `value` is one of type `target`: a whole number is a number, an enum is text,
    a shorter text fits where a longer one does. Formats must agree where the target has one; null is not looked at."""
    if isinstance(value, UnknownType | NullType) or isinstance(target, UnknownType):
        return True
    match target:
        case NumType():
            return isinstance(value, IntType | NumType)
        case StrType(format=None, max_length=None):
            return isinstance(value, StrType | EnumType)
        case StrType(format=format_, max_length=limit):
            if isinstance(value, EnumType):
                return format_ is None and (limit is None or all(len(text) <= limit for text in value.values))
            if not isinstance(value, StrType) or format_ not in (None, value.format):
                return False
            return limit is None or (value.max_length is not None and value.max_length <= limit)
        case EnumType():
            return isinstance(value, EnumType) and value.members <= target.members
        case ListType(item=item):
            return isinstance(value, ListType) and assignable(value.item, item)
        case _:
            return value == target


def unify(left: Type, right: Type) -> Type | None:
    """Return the narrowest type that holds the values of both, None where there is none."""
    if isinstance(left, UnknownType) or isinstance(right, UnknownType):
        return UNKNOWN
    if isinstance(left, NullType):
        return right
    if isinstance(right, NullType) or left == right:
        return left
    match left, right:
        case ((IntType() | NumType()), (IntType() | NumType())):
            return NumType()
        case EnumType(), EnumType():
            return one_of((left, right))
        case ((StrType() | EnumType()), (StrType() | EnumType())):
            return StrType(_shared_format(left, right), _longest(left, right))
        case ListType(item=first_item), ListType(item=second_item):
            item = unify(first_item, second_item)
            return None if item is None else ListType(item)
        case _:
            return None


def one_of(types: Iterable[EnumType]) -> EnumType:
    """Return the closed list of all values, in their order, each once; linear in them."""
    return EnumType(tuple(dict.fromkeys(chain.from_iterable(type_.values for type_ in types))))


def max_length(type_: Type) -> int | None:
    """Return how many characters a text of the type has at most, None where that is not known."""
    match type_:
        case StrType(max_length=limit):
            return limit
        case EnumType(values=values):
            return max((len(value) for value in values), default=0)
        case _:
            return None


def _shared_format(left: Type, right: Type) -> str | None:
    if isinstance(left, StrType) and isinstance(right, StrType) and left.format == right.format:
        return left.format
    return None


def _longest(left: Type, right: Type) -> int | None:
    first, second = max_length(left), max_length(right)
    return None if first is None or second is None else max(first, second)
