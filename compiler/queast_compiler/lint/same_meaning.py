"""Whether two plans do the same: equal but for places in files, or equal on every sample event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from queast_compiler.codegen.analysis import children, compared_paths
from queast_compiler.codegen.interpret import Interpreter
from queast_compiler.lint.sample_events import HIGHLIGHT, sample_events
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.ir import CHANGED, And, Expr, Lit, Scalar, Switch
from queast_compiler.plan.mapping import MappingPlan, ReceivePlan, RoutePlan

_NOW: Final = datetime(2026, 1, 31, 12, 30, 15, 123456, tzinfo=UTC)
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
    connections = {plan.connection: _placeless(plan) for plan in after.connections}
    mappings = {plan.mapping: plan for plan in after.mappings}
    return all(_placeless(plan) == connections.get(plan.connection) for plan in before.connections) and all(
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
    changed = [name for name in old if not same_tables or _placeless(old[name].expr) != _placeless(new[name].expr)]
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
    spoken_of = list(dict.fromkeys(_constants(old.expr) + _constants(new.expr)))
    rows = [key for plan in (before, after) for _, table in plan.tables for key, _ in table][:200]
    evaluate_old = Interpreter({name: dict(table) for name, table in before.tables}).expression(old.expr)
    evaluate_new = Interpreter({name: dict(table) for name, table in after.tables}).expression(new.expr)
    changes = compared_paths((old.expr, new.expr))
    for entity in old.entities:
        for number, data in enumerate(sample_events(entity, (*spoken_of, *rows))):
            if "company" not in data and entity != HIGHLIGHT:
                # A condition of the scope asks the company of the signal or job ad.
                data = {**data, "company": (data.get(entity) or {}).get("company")}
            scope = {**data, CHANGED: {path: (number >> n) % 2 == 0 for n, path in enumerate(changes)}}
            if _outcome(evaluate_old, scope, old.is_condition) != _outcome(evaluate_new, scope, new.is_condition):
                return False
    return True


def _outcome(evaluate: Any, scope: dict[str, Any], is_condition: bool) -> str:
    """What comes of one event, as text, so that 1, 1.0 and true are three answers."""
    try:
        value = evaluate(scope, _NOW)
    except Exception:  # noqa: BLE001 - whatever the reason, no value comes of this event
        return "fails"
    return repr(value is True if is_condition else value)


def _placeless(node: Any) -> Any:
    """A plan or a part of one without lines and digests of files, as values that compare."""
    if is_dataclass(node) and not isinstance(node, type):
        kept = (each.name for each in fields(node) if each.name not in ("line", "sources"))
        return (type(node).__name__, *(_placeless(getattr(node, name)) for name in kept))
    if isinstance(node, tuple):
        return tuple(map(_placeless, node))
    # 1, 1.0 and true are equal in Python and three values in a plan.
    return (type(node).__name__, node)


def _constants(expr: Expr) -> list[Scalar]:
    match expr:
        case Lit(value):
            return [value]
        case Switch(arms=arms):
            own: list[Scalar] = [key.value for key, _ in arms]
        case _:
            own = []
    return own + [found for inner, _ in children(expr) for found in _constants(inner)]
