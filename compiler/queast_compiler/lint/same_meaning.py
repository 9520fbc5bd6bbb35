"""Whether two plans do the same: equal but for places in files, or equal on every sample event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from queast_compiler.diff.answers import FAILED, answers
from queast_compiler.diff.placeless import placeless
from queast_compiler.diff.sample_events import HIGHLIGHT
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.ir import And, Expr, Lit
from queast_compiler.plan.mapping import MappingPlan, ReceivePlan, RoutePlan

_NOTHING: Final = Lit(None)
_ENTITIES: Final = ("company", "person", "signal", "job_ad")


@dataclass(frozen=True, slots=True)
class Plans:
    """What was compiled of a tenant."""

    connections: tuple[ConnectionPlan, ...]
    mappings: tuple[MappingPlan, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """An expression of a plan. A null answer of a condition counts as false."""

    expr: Expr
    entities: tuple[str, ...]
    is_condition: bool


def means_the_same(before: Plans, after: Plans) -> bool:
    """Whether every connection and mapping that was compiled before is compiled after, and does the same."""
    connections = {plan.connection: placeless(plan) for plan in after.connections}
    mappings = {plan.mapping: plan for plan in after.mappings}
    return all(placeless(plan) == connections.get(plan.connection) for plan in before.connections) and all(
        plan.mapping in mappings and does_the_same(plan, mappings[plan.mapping]) for plan in before.mappings
    )


def does_the_same(before: MappingPlan, after: MappingPlan) -> bool:
    """Whether a mapping sends the same as before, and reads no more than before.

    `city: trim(trim(company.city))`, `city: trim(company.city)`  ->  True
    `when: not not company.city`, `when: company.city`  ->  True
    `name: not not person.email`, `name: person.email`  ->  False: the address itself instead of true
    """
    if _frame(before) != _frame(after) or not set(after.reads) <= set(before.reads):
        return False
    if not set(after.personal_data) <= set(before.personal_data):
        return False
    old, new = dict(_places(before)), dict(_places(after))
    if old.keys() != new.keys():
        return False
    same_tables = before.tables == after.tables
    changed = [name for name in old if not same_tables or placeless(old[name].expr) != placeless(new[name].expr)]
    return all(_agree(old[name], new[name], before, after) for name in changed)


def _frame(plan: MappingPlan) -> MappingPlan:
    """Everything of a plan but its expressions, what they read, and places in files."""
    asks_signals = any(route.entity == "signal" for route in plan.routes)
    scope = replace(plan.scope, where=None)
    return replace(
        plan,
        connection_digest="",
        # Which signals come in is nothing to a mapping that takes none.
        scope=scope if asks_signals else replace(scope, signals="strict", informational_expires=None),
        routes=tuple(_frame_of_route(route) for route in plan.routes),
        tables=(),
        personal_data=(),
        reads=(),
        sources=(),
        needs=(),
        receive=tuple(_frame_of_receive(each) for each in plan.receive),
    )


def _frame_of_receive(plan: ReceivePlan) -> ReceivePlan:
    note = None if plan.then.note is None else _NOTHING
    return replace(plan, then=replace(plan.then, note=note), line=0)


def _frame_of_route(route: RoutePlan) -> RoutePlan:
    return replace(
        route,
        when=None,
        fields=tuple(replace(field, expr=_NOTHING, line=0) for field in route.fields),
        body=None if route.body is None else _NOTHING,
        headers=tuple((name, _NOTHING) for name, _ in route.headers),
        line=0,
    )


def _places(plan: MappingPlan) -> Iterator[tuple[tuple[str, ...], _Place]]:
    if plan.scope.where is not None:
        yield ("where",), _Place(plan.scope.where, _ENTITIES, True)
    for route in plan.routes:
        own = (route.entity,)
        # What the scope asks already changes nothing when a route asks it again.
        asked = tuple(each for each in (plan.scope.where, route.when) if each is not None)
        yield (route.name, "when"), _Place(And(asked), own, True)
        for field in route.fields:
            yield (route.name, "field", field.property), _Place(field.expr, own, False)
        if route.body is not None:
            yield (route.name, "body"), _Place(route.body, own, False)
        for name, expr in route.headers:
            yield (route.name, "header", name), _Place(expr, own, False)
    for each in plan.receive:
        if each.then.note is not None:
            yield ("receive", each.name), _Place(each.then.note, (HIGHLIGHT,), False)


def _agree(old: _Place, new: _Place, before: MappingPlan, after: MappingPlan) -> bool:
    exprs = ((old.expr, before.tables), (new.expr, after.tables))
    return all(
        _outcome(given, old.is_condition) == _outcome(gives, new.is_condition)
        for entity in old.entities
        for given, gives in answers(exprs, entity)
    )


def _outcome(answer: Any, is_condition: bool) -> str:
    """What comes of one event, as text, so that 1, 1.0 and true are three answers."""
    if answer is FAILED:
        return "fails"
    return repr(answer is True if is_condition else answer)
