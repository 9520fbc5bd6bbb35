"""Between the read and the write of a record that is there: what may be written, and what is left as it is, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, assert_never

from queast_compiler.plan.mapping import Wire
from queast_compiler.plan.needs import Asking
from queast_runtime.engine.written import Held, held, joined, options_of

JsonObject = dict[str, Any]
Why = Literal[
    "edited in the CRM",
    "held a value before us",
    "not empty",
    "not empty, and the link is inferred",
    "matching compares it, and the link is inferred",
]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a write to one record is held to.

    `guards` by property; one that has none is written always. `last_written` are hashes of what we wrote last, by
    property, made by `hash_of`. Through a `fill_only` link nothing is written that is not empty, whatever its guard,
    and nothing of `compared`: what matching reads of a record must stay its own, or a wrong link would prove itself.
    `wire_of` says how a property's values look on the wire.
    """

    guards: Mapping[str, Asking]
    last_written: Mapping[str, str]
    fill_only: bool
    wire_of: Callable[[str], Wire]
    hash_of: Callable[[str, Held], str]
    compared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LeftAlone:
    property: str
    why: Why


@dataclass(frozen=True, slots=True)
class Allowed:
    """`values` are to be written, in wire form. `same` names what the record holds already."""

    values: JsonObject
    left: tuple[LeftAlone, ...]
    same: tuple[str, ...]


def allowed(read: Mapping[str, Any], wanted: Mapping[str, Any], terms: Terms) -> Allowed:
    """Compare what a record holds (`read`) with what is `wanted` of it; both are wire values by property.

    A property that the read does not show holds nothing. `equals_last_written` of a record where we never wrote the
    property lets only an empty one be written: what is there is somebody else's.
    """
    values: JsonObject = {}
    left: list[LeftAlone] = []
    same: list[str] = []
    for name, value in wanted.items():
        verdict = _judge(name, read.get(name), value, terms)
        match verdict:
            case _Write(written):
                values[name] = written
            case LeftAlone():
                left.append(verdict)
            case None:
                same.append(name)
            case _:
                assert_never(verdict)
    return Allowed(values, tuple(left), tuple(same))


@dataclass(frozen=True, slots=True)
class _Write:
    value: Any


def _judge(name: str, there: Any, value: Any, terms: Terms) -> _Write | LeftAlone | None:
    wire = terms.wire_of(name)
    holds, guard = held(there, wire), terms.guards.get(name)
    if guard == "union":
        value = _united(there, value, wire)
    if holds == held(value, wire):
        return None
    if terms.fill_only and name in terms.compared:
        return LeftAlone(name, "matching compares it, and the link is inferred")
    if holds is None:
        return _Write(value)
    if terms.fill_only:
        return LeftAlone(name, "not empty, and the link is inferred")
    match guard:
        case None | "union":
            return _Write(value)
        case "empty":
            return LeftAlone(name, "not empty")
        case "equals_last_written":
            last = terms.last_written.get(name)
            if last is None:
                return LeftAlone(name, "held a value before us")
            return _Write(value) if terms.hash_of(name, holds) == last else LeftAlone(name, "edited in the CRM")
        case _:
            assert_never(guard)


def _united(there: Any, value: Any, wire: Wire) -> Any:
    """What is there, then what is new of `value`; a value of nothing adds nothing."""
    options = options_of(there, wire)
    known = {str(held(each, "native")) for each in options}
    new = [each for each in options_of(value, wire) if str(held(each, "native")) not in known]
    return joined([*options, *new], wire)


def in_words(left: tuple[LeftAlone, ...]) -> str:
    """`left alone: industry (edited in the CRM), city (not empty)`; values are never said."""
    return "left alone: " + ", ".join(f"{each.property} ({each.why})" for each in left) if left else ""
