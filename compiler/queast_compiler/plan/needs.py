"""What a plan asks of the engine that runs it, as data: guards before a write, reads they entail, names to score.

The worker, `publish` and `lint` hold this list against what the engine carries out; nothing of it is ever ignored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, assert_never

Write = Literal["always", "on_create", "unless_edited", "if_empty", "add"]
Asking = Literal[
    "empty",  # the property holds nothing
    "equals_last_written",  # the property holds what we wrote last, or nothing
    "union",  # what the property holds is kept, and the value's options are added
]
# "none": nothing is asked of the record.
Guard = Literal["none", Asking]
Capability = Literal["guard.empty", "guard.equals_last_written", "guard.union", "match.name"]


@dataclass(frozen=True, slots=True)
class GuardNeed:
    """A property of a record that exists is written only as `guard` says. `file` and `line` are the YAML place."""

    guard: Asking
    route: str
    property: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class ReadNeed:
    """Properties of a destination's object that must be read before its records are written."""

    object: str
    properties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScoreNeed:
    """Names of an entity are scored against those of the account's records."""

    entity: str
    file: str
    line: int


Need = GuardNeed | ReadNeed | ScoreNeed


def guard_of(write: Write) -> Guard:
    """`if_empty`  ->  `empty`; what is written always or into new records only asks nothing of what is there."""
    match write:
        case "always" | "on_create":
            return "none"
        case "if_empty":
            return "empty"
        case "unless_edited":
            return "equals_last_written"
        case "add":
            return "union"
        case _:
            assert_never(write)


def capability_of(guard: Asking) -> Capability:
    """`union`  ->  `guard.union`."""
    match guard:
        case "empty":
            return "guard.empty"
        case "equals_last_written":
            return "guard.equals_last_written"
        case "union":
            return "guard.union"
        case _:
            assert_never(guard)


def capability(need: Need) -> Capability | None:
    """Return what an engine must be able to do for a need. A read has no word of its own: its guard has."""
    match need:
        case GuardNeed(guard=guard):
            return capability_of(guard)
        case ReadNeed():
            return None
        case ScoreNeed():
            return "match.name"
        case _:
            assert_never(need)
