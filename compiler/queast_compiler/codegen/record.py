"""What evaluating a route gives: values in wire form, the fields that failed and why, and whether it may be sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

# Python keeps no more names than this in the table that all objects of one class share.
_MOST_ATTRIBUTES: Final = 30
# Any word is an attribute to generated code; names that begin with an underscore or capital may mean more.
_ATTRIBUTE: Final = re.compile(r"[a-z0-9][A-Za-z0-9_]*").fullmatch


class Failed(Exception):
    """A value that cannot be had from this event. `reason` names paths and kinds, never a value of the event."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class EvaluationFailed(Exception):
    """A condition, body or header that cannot be evaluated on this event. `file` and `line` are the YAML place."""

    def __init__(self, what: str, reason: str, file: str, line: int) -> None:
        super().__init__(f"{what}: {reason} ({file}:{line})")
        self.reason = reason
        self.file = file
        self.line = line


class FieldFailure(NamedTuple):
    """A property that is left out, why, and the YAML place of its expression."""

    property: str
    reason: str
    file: str
    line: int


@dataclass(slots=True, eq=False)
class Record:
    """`values` maps a property to its wire value, in the route's order. `refused` says why nothing may be sent.

    Not frozen, for speed only: one is made for every event and route.
    """

    values: dict[str, Any]
    failures: tuple[FieldFailure, ...] = ()
    refused: str | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record):
            return NotImplemented
        told = (self.values, self.failures, self.refused)
        return told == (other.values, other.failures, other.refused)


class Unfailed(Record):
    """A record without failures. It is made without arguments, and generated code fills its one slot directly."""

    __slots__ = ()
    failures = ()
    refused = None
    # Without one in Python, making a record takes a third less time.
    __init__: Any = object.__init__


def filled_type() -> type[Unfailed]:
    """Return a class of records that have their values as attributes; `values` is to be their `__dict__`.

    Objects of one class share the table of their names, so that their attributes are set, and made a dictionary of, in
    half the time of a literal with the same keys. Each route needs a class of its own, as it has names of its own.
    """
    return type(Unfailed.__name__, (Unfailed,), {"__slots__": ("__dict__",)})


def may_be_attributes(properties: Iterable[str]) -> bool:
    """Say whether a record of `filled_type` can have these values: few enough, and no name that the class uses."""
    names = set(properties)
    fit = all(_ATTRIBUTE(name) is not None and not hasattr(Unfailed, name) for name in names)
    return fit and len(names) <= _MOST_ATTRIBUTES


def unfailed(values: dict[str, Any]) -> Record:
    """Return the record of values none of which failed."""
    record: Record = Unfailed()
    record.values = values
    return record


class Absent:
    """The type of ABSENT."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()
"""Stands where a property has no value to send (null under `on_null: skip`, or a failure)."""
