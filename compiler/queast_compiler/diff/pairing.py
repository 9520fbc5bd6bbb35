"""Parts of a plan that go by another name: told again by what they do, so that a new name hides no other change."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

from queast_compiler.diff.placeless import meaning
from queast_compiler.plan.ir import Each, Expr, MakeObj
from queast_compiler.plan.mapping import MappingPlan, ReceivePlan, RoutePlan

T = TypeVar("T")


def paired(before: Mapping[str, T], after: Mapping[str, T], likeness: Callable[[T, T], float]) -> dict[str, str]:
    """Return old name -> new name: the same name first, then of what is gone and new the most alike; 0 is no pair.

    A pair that is none of the author's costs a reviewer some lines; one that is missed would hide what was taken out.
    """
    names = {name: name for name in before if name in after}
    gone, come = ([name for name in one if name not in other] for one, other in ((before, after), (after, before)))
    scores = [(likeness(before[old], after[new]), old, new) for old in gone for new in come]
    taken: set[str] = set()
    # Of equals the first in the order of the plans.
    for score, old, new in sorted(scores, key=lambda each: -each[0]):
        if score > 0 and old not in names and new not in taken:
            names[old] = new
            taken.add(new)
    return names


def route_pairs(old: MappingPlan, new: MappingPlan) -> dict[str, str]:
    """Return old name -> new name of the routes that stand on both sides."""
    return paired({each.name: each for each in old.routes}, {each.name: each for each in new.routes}, _alike_routes)


def receive_pairs(old: MappingPlan, new: MappingPlan) -> dict[str, str]:
    """Return old name -> new name of the rules of receiving that stand on both sides."""
    return paired({each.name: each for each in old.receive}, {each.name: each for each in new.receive}, _alike_rules)


def mapping_pairs(old: Mapping[str, MappingPlan], new: Mapping[str, MappingPlan]) -> dict[str, str]:
    """Return old name -> new name of the mappings that stand on both sides."""
    return paired(old, new, _alike_mappings)


def _alike_routes(old: RoutePlan, new: RoutePlan) -> float:
    overlap = _overlap(_written(old), _written(new))
    return overlap + 2 if (old.entity, old.object) == (new.entity, new.object) else overlap


def _written(route: RoutePlan) -> set[Hashable]:
    """What a receiver tells a route by: its properties or keys with what goes into them."""
    found: set[Hashable] = {each.property for each in route.fields}
    found |= {meaning(each.expr) for each in route.fields}
    return found if route.body is None else found | set(_keys(route.body))


def _keys(expr: Expr) -> list[Hashable]:
    match expr:
        case MakeObj(entries=entries):
            return [found for key, value in entries for found in (key, *_keys(value))]
        case Each(body=body):
            return _keys(body)
        case _:
            return [meaning(expr)]


def _alike_rules(old: ReceivePlan, new: ReceivePlan) -> float:
    if (old.event, old.entity) != (new.event, new.entity):
        return 0
    return 1 + (old.then.owner == new.then.owner) + (meaning(old.then.note) == meaning(new.then.note))


def _alike_mappings(old: MappingPlan, new: MappingPlan) -> float:
    overlap = _overlap(_purposes(old), _purposes(new))
    # Through another connection it is the same mapping only where it does the same there.
    return overlap + (old.connection == new.connection) if overlap else 0


def _purposes(plan: MappingPlan) -> set[Hashable]:
    return {(each.entity, each.object) for each in plan.routes} | {(each.event, each.entity) for each in plan.receive}


def _overlap(one: set[Hashable], other: set[Hashable]) -> float:
    """From 0, nothing in common, to 1."""
    return len(one & other) / len(one | other) if one | other else 0
