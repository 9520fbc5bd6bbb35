"""What the engine of this version carries out, in one place; a plan that needs more is refused as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, assert_never

from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import MappingPlan
from queast_compiler.plan.needs import Asking, Capability, GuardNeed, Need, ReadNeed, ScoreNeed, capability

# What a record holds is read before it is written, and names are scored against the mirror.
CARRIED_OUT: Final[frozenset[Capability]] = frozenset(
    {"guard.empty", "guard.equals_last_written", "guard.union", "match.name"}
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a plan must not run, with the YAML place, and what the tenant can write instead."""

    reason: str
    instead: str


def refusal(
    plans: Iterable[MappingPlan | ConnectionPlan], able: Collection[Capability] = CARRIED_OUT
) -> Refusal | None:
    """Return the first plan's first need that the engine cannot meet, None where it can run all of them.

    `industry` with `write: if_empty`  ->  "mapping acme/acme-hubspot writes `industry` `if_empty` (…yaml:12), which …"
    """
    for plan in plans:
        lacking = [need for need in plan.needs if (asked := capability(need)) is not None and asked not in able]
        if lacking:
            return _refusal(plan, lacking[0], len(lacking) - 1)
    return None


def _refusal(plan: MappingPlan | ConnectionPlan, first: Need, further: int) -> Refusal:
    match plan:
        case MappingPlan():
            whose = f"mapping {plan.tenant}/{plan.mapping}"
        case ConnectionPlan():
            whose = f"connection {plan.tenant}/{plan.connection}"
        case _:
            assert_never(plan)
    also = "" if not further else f" and {further} more"
    match first:
        case GuardNeed():
            place = f"{first.file}:{first.line}"
            what = f"writes `{first.property}` `{_word(first.guard)}` ({place}){also}"
            instead = "write `write: always` or `write: on_create` there, and compile again"
        case ScoreNeed():
            what = f"scores names of a {first.entity} ({first.file}:{first.line}){also}"
            instead = "remove the thresholds there, so that equal names are a question to a person, and compile again"
        case ReadNeed():
            raise ValueError("a read needs no capability of its own")
        case _:
            assert_never(first)
    return Refusal(f"{whose} {what}, which this version's engine cannot carry out", instead)


def _word(guard: Asking) -> str:
    """The language's word for a guard."""
    match guard:
        case "empty":
            return "if_empty"
        case "equals_last_written":
            return "unless_edited"
        case "union":
            return "add"
        case _:
            assert_never(guard)
