"""The properties of a destination's object: the manifest's and the account's, as one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from queast_dsl.document.connections import Account, AccountOption, AccountProperty
from queast_dsl.document.connector import ConnectorField, ConnectorObject, PropertyType

# An account reports rich text as plain text; the manifest knows better what it is.
_TEXT_TYPES = frozenset({"string", "text", "html", "markdown"})


@dataclass(frozen=True, slots=True)
class Property:
    """A property as the compiler checks it. `label` is what people see in the destination, else the name; `written` is
    what the mapping calls it, where it does.

    `options` are (value, label) pairs. `max_length` counts characters. One that is `write_only` cannot be read back.
    """

    name: str
    label: str
    type: PropertyType
    required: bool
    read_only: bool
    max_length: int | None
    overflow: Literal["error", "truncate"]
    options: tuple[AccountOption, ...]
    write_only: bool = False
    written: str | None = None

    @property
    def shown(self) -> str:
        """What findings call it: as the tenant wrote it, since a key of its own may be forty digits."""
        return self.name if self.written is None else self.written

    @property
    def option_values(self) -> tuple[str, ...]:
        return tuple(option.value for option in self.options)


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A label that several properties carry."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PropertyTable:
    """All properties of one object. `complete` is False where an account file should have listed more.

    `spellings` is every name and label, for "did you mean".
    """

    by_name: Mapping[str, Property]
    by_label: Mapping[str, tuple[str, ...]]
    complete: bool
    spellings: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        spellings = frozenset(self.by_name) | frozenset(each.label for each in self.by_name.values())
        object.__setattr__(self, "spellings", spellings)

    def find(self, name: str) -> Property | Ambiguous | None:
        """Return the property of that name, else the one that carries that label (in any letter case)."""
        if name in self.by_name:
            return self.by_name[name]
        labelled = self.by_label.get(name.casefold(), ())
        if len(labelled) > 1:
            return Ambiguous(labelled)
        return self.by_name[labelled[0]] if labelled else None


def properties_of(object: ConnectorObject, account: Account | None) -> PropertyTable:
    """Return the table of `object`: properties that every account has, and the account's own."""
    listed = account.objects.get(object.name, {}) if account is not None else {}
    by_name: dict[str, Property] = {}
    for name, declared in object.fields.items():
        by_name[name] = _joined(declared, listed.get(name))
    for name, own in listed.items():
        if name not in by_name:
            by_name[name] = _of_account(own)
    by_label: dict[str, tuple[str, ...]] = {}
    for each in by_name.values():
        folded = each.label.casefold()
        by_label[folded] = (*by_label.get(folded, ()), each.name)
    return PropertyTable(by_name, by_label, complete=account is not None or not object.open)


def _joined(declared: ConnectorField, own: AccountProperty | None) -> Property:
    if own is None:
        return Property(
            declared.name,
            declared.name,
            declared.type,
            declared.required,
            declared.read_only,
            declared.max_length,
            declared.overflow,
            tuple(AccountOption(value, value) for value in declared.options),
            declared.write_only,
        )
    lengths = [length for length in (declared.max_length, own.max_length) if length is not None]
    both_text = declared.type in _TEXT_TYPES and own.type in _TEXT_TYPES
    return Property(
        declared.name,
        own.label,
        declared.type if both_text else _property_type(own.type),
        declared.required or own.required,
        declared.read_only or own.read_only,
        min(lengths) if lengths else None,
        declared.overflow,
        own.options or tuple(AccountOption(value, value) for value in declared.options),
        declared.write_only,
    )


def _of_account(own: AccountProperty) -> Property:
    return Property(
        own.name,
        own.label,
        _property_type(own.type),
        own.required,
        own.read_only,
        own.max_length,
        "error",
        own.options,
    )


def _property_type(name: str) -> PropertyType:
    if name not in get_args(PropertyType):
        raise ValueError(f"account property type {name!r} got past the account schema")
    return cast(PropertyType, name)
