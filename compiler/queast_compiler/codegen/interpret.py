"""The reference semantics: each expression becomes a small closure over (scope, now), with no cleverness.

The oracle of the property tests, the explainer behind `trace`, and what generated code falls back to when a field of
an event fails, so that a failure has one wording. `scope` is the event's `data` and the variables bound by loops.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, assert_never

from queast_compiler.codegen import bounds, guards
from queast_compiler.codegen.analysis import needs_room
from queast_compiler.codegen.functions import lifts_at, parameter, reason_of
from queast_compiler.codegen.record import ABSENT, Failed, FieldFailure, Record, unfailed
from queast_compiler.codegen.wire import WIRES, too_long
from queast_compiler.plan import ir
from queast_compiler.plan.mapping import FieldPlan, RoutePlan
from queast_dsl.functions import REGISTRY, Function

Scope = Mapping[str, Any]
Eval = Callable[[Scope, datetime], Any]
Tables = Mapping[str, Mapping[str, str]]

# Where a scope keeps what is left of the bounds; no root and no variable has this name.
_ROOM = ""


class FieldTrace(NamedTuple):
    """One field of one event: its canonical value, what would be sent (ABSENT where nothing), or why it failed."""

    property: str
    value: Any
    wire: Any
    failure: str | None
    file: str
    line: int


class Interpreter:
    """Builds closures. `tables` are the mapping's lookup tables."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def expression(self, expr: ir.Expr) -> Eval:
        """Return the closure of an expression. Raises KeyError for an unknown function or table."""
        inner = self._closure(expr)
        return (lambda scope, now: inner({**scope, _ROOM: bounds.Room()}, now)) if needs_room(expr) else inner

    def _closure(self, expr: ir.Expr) -> Eval:
        match expr:
            case ir.Lit(value):
                return lambda _scope, _now: value
            case ir.Path():
                return _path(expr)
            case ir.Index(of, n, kind):
                return _lifted([self._closure(of)], lambda items: guards.item_at(items, n, kind, "item"))
            case ir.Project(of, steps, kind):
                return _lifted([self._closure(of)], lambda items: guards.project(items, steps, kind, "item"))
            case ir.Call(fn, args):
                return _call(REGISTRY[fn], [self._closure(arg) for arg in args])
            case ir.Coalesce(args):
                return _coalesce([self._closure(arg) for arg in args])
            case ir.If(cond, then, orelse):
                return _if(self._closure(cond), self._closure(then), self._closure(orelse))
            case ir.Switch(subject, arms, orelse):
                choices = [(lit.value, self._closure(result)) for lit, result in arms]
                return _switch(self._closure(subject), choices, self._or_null(orelse))
            case ir.Lookup(table, key, orelse):
                return _lookup(self._tables[table], self._closure(key), self._or_null(orelse))
            case ir.Not(of):
                return _lifted([self._closure(of)], lambda value: not value)
            case ir.And(args):
                return _until(False, [self._closure(arg) for arg in args])
            case ir.Or(args):
                return _until(True, [self._closure(arg) for arg in args])
            case ir.Compare(op, left, right):
                return _lifted([self._closure(left), self._closure(right)], COMPARE[op])
            case ir.In(item, items):
                return _lifted([self._closure(item), self._closure(items)], lambda a, b: a in b)
            case ir.Arith(op, left, right):
                return _lifted([self._closure(left), self._closure(right)], lambda a, b: guards.arith(op, a, b))
            case ir.Neg(of):
                return _lifted([self._closure(of)], guards.negate)
            case ir.Present(of):
                inner = self._closure(of)
                return lambda scope, now: inner(scope, now) is not None
            case ir.Concat(parts):
                return _concat([self._closure(part) for part in parts])
            case ir.Each(var, items, body):
                return _each(var, self._closure(items), self._counted(body))
            case ir.Repeat(var, items, body, limit):
                return _repeat(var, self._closure(items), self._closure(body), limit)
            case ir.MakeList(items):
                return _applied([self._closure(item) for item in items], guards.present)
            case ir.MakeObj(entries):
                return _object(bounds.frame(entries), [(name, self._counted(value)) for name, value in entries])
            case ir.Now():
                return lambda _scope, now: now
            case _:
                assert_never(expr)

    def field(self, field: FieldPlan) -> Eval:
        """Return the closure of a property's wire value; ABSENT where it is null and skipped. Raises Failed."""
        value_of = self.expression(field.expr)
        return lambda scope, now: finished(field, value_of(scope, now))

    def route(self, route: RoutePlan) -> Callable[[Scope, datetime], Record]:
        """Return the closure of a route's record."""
        evals = tuple(self.field(field) for field in route.fields)

        def evaluate(scope: Scope, now: datetime) -> Record:
            failures: list[FieldFailure] = []
            values = [attempt(f, e, scope, now, failures) for f, e in zip(route.fields, evals, strict=True)]
            return assembled(route, values, failures)

        return evaluate

    def trace(self, route: RoutePlan, scope: Scope, now: datetime) -> tuple[FieldTrace, ...]:
        """Return what each field of a route comes to on one event."""
        return tuple(self._trace_field(field, scope, now) for field in route.fields)

    def _trace_field(self, field: FieldPlan, scope: Scope, now: datetime) -> FieldTrace:
        value: Any = None
        try:
            value = self.expression(field.expr)(scope, now)
            wire = finished(field, value)
        except Exception as error:  # noqa: BLE001 - one field's failure of any kind must not hide the others
            return FieldTrace(field.property, value, ABSENT, reason_of(error), field.file, field.line)
        return FieldTrace(field.property, value, wire, None, field.file, field.line)

    def _or_null(self, expr: ir.Expr | None) -> Eval:
        return self._closure(expr) if expr is not None else lambda _scope, _now: None

    def _counted(self, expr: ir.Expr) -> Eval:
        inner = self._closure(expr)
        return (lambda scope, now: scope[_ROOM].take(inner(scope, now))) if bounds.is_counted(expr) else inner


def finished(field: FieldPlan, value: Any) -> Any:
    """Return a canonical value as the property takes it: nulls, wire form, length. Raises Failed."""
    if value is None:
        if field.required:
            raise Failed("no value, and the destination requires one")
        match field.on_null:
            case "skip":
                return ABSENT
            case "clear":
                return copy.deepcopy(field.clear)
            case "error":
                raise Failed("no value, and the mapping says on_null: error")
            case _:
                assert_never(field.on_null)
    wire = WIRES[field.wire](value)
    if field.max_length is not None and isinstance(wire, str) and len(wire) > field.max_length:
        if field.overflow == "error":
            raise too_long(len(wire), field.max_length)
        return wire[: field.max_length]
    return wire


def attempt(field: FieldPlan, eval_: Eval, scope: Scope, now: datetime, failures: list[FieldFailure]) -> Any:
    """Return a field's wire value; a failure is added to `failures` and gives ABSENT."""
    try:
        return eval_(scope, now)
    except Exception as error:  # noqa: BLE001 - a field is isolated from whatever goes wrong in another
        failures.append(FieldFailure(field.property, reason_of(error), field.file, field.line))
        return ABSENT


def assembled(route: RoutePlan, values: list[Any] | tuple[Any, ...], failures: list[FieldFailure]) -> Record:
    """Return the record of wire values in the order of the route's fields."""
    present = {f.property: v for f, v in zip(route.fields, values, strict=True) if v is not ABSENT}
    if not failures:
        return unfailed(present)
    return Record(present, tuple(failures), refusal(required_properties(route), failures))


def required_properties(route: RoutePlan) -> frozenset[str]:
    """Return the properties without which nothing may be sent."""
    return frozenset(field.property for field in route.fields if field.required)


def refusal(required: frozenset[str], failures: list[FieldFailure]) -> str | None:
    """Return why a record with these failures may not be sent, None where it may."""
    for failure in failures:
        if failure.property in required:
            return f"{failure.property}: {failure.reason}"
    return None


COMPARE: dict[ir.CompareOp, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _path(path: ir.Path) -> Eval:
    def read(scope: Scope, _now: datetime) -> Any:
        value, place = scope.get(path.root), path.root
        for step, optional in zip(path.steps, path.optional, strict=True):
            if type(value) is not dict:
                guards.wrong(value, place, "obj")
            value, place = value.get(step), f"{place}.{step}"
            if value is None and optional:
                return None
        return guards.check(value, place, path.kind)

    return read


def _lifted(evals: list[Eval], function: Callable[..., Any]) -> Eval:
    """Arguments from left to right; the first null one is the result and the rest are not looked at."""

    def run(scope: Scope, now: datetime) -> Any:
        values = []
        for each in evals:
            value = each(scope, now)
            if value is None:
                return None
            values.append(value)
        return function(*values)

    return run


def _applied(evals: list[Eval], function: Callable[..., Any]) -> Eval:
    return lambda scope, now: function(*[each(scope, now) for each in evals])


def _call(function: Function, evals: list[Eval]) -> Eval:
    def run(scope: Scope, now: datetime) -> Any:
        values = []
        for n, each in enumerate(evals):
            value = each(scope, now)
            if value is None and lifts_at(function, n):
                return None
            if value is None and parameter(function, n).optional:
                value = parameter(function, n).default
            values.append(value)
        return function.python(*values)

    return run


def _coalesce(evals: list[Eval]) -> Eval:
    def run(scope: Scope, now: datetime) -> Any:
        for each in evals:
            value = each(scope, now)
            if value is not None:
                return value
        return None

    return run


def _if(cond: Eval, then: Eval, orelse: Eval) -> Eval:
    return lambda scope, now: then(scope, now) if cond(scope, now) else orelse(scope, now)


def _switch(subject: Eval, choices: list[tuple[ir.Scalar, Eval]], orelse: Eval) -> Eval:
    def run(scope: Scope, now: datetime) -> Any:
        value = subject(scope, now)
        for choice, result in choices:
            if value == choice:
                return result(scope, now)
        return orelse(scope, now)

    return run


def _lookup(rows: Mapping[str, str], key: Eval, orelse: Eval) -> Eval:
    def run(scope: Scope, now: datetime) -> Any:
        value = key(scope, now)
        if value is None:
            return None
        return rows[value] if value in rows else orelse(scope, now)

    return run


def _until(decisive: bool, evals: list[Eval]) -> Eval:
    """Three-valued `and` (decided by False) and `or` (decided by True)."""

    def run(scope: Scope, now: datetime) -> bool | None:
        unknown: bool = False
        for each in evals:
            value: bool | None = each(scope, now)
            if value is decisive:
                return decisive
            unknown = unknown or value is None
        return None if unknown else not decisive

    return run


def _concat(evals: list[Eval]) -> Eval:
    def run(scope: Scope, now: datetime) -> str:
        texts: list[str] = []
        length = 0
        for each in evals:
            text = each(scope, now)
            length += len(text)
            if length > bounds.MAX_TEMPLATE:
                raise bounds.too_long()
            texts.append(text)
        return "".join(texts)

    return run


def _object(frame: int, entries: list[tuple[str, Eval]]) -> Eval:
    def run(scope: Scope, now: datetime) -> dict[str, Any]:
        made: dict[str, Any] = scope[_ROOM].framed(frame, {name: each(scope, now) for name, each in entries})
        return made

    return run


def _each(var: str, items: Eval, body: Eval) -> Eval:
    def run(scope: Scope, now: datetime) -> list[Any] | None:
        found = items(scope, now)
        if found is None:
            return None
        return bounds.each(lambda item: body({**scope, var: item}, now), found, scope[_ROOM])

    return run


def _repeat(var: str, items: Eval, body: Eval, limit: int) -> Eval:
    def run(scope: Scope, now: datetime) -> str:
        found = items(scope, now)
        if found is None:
            return ""
        return bounds.repeat(lambda item: body({**scope, var: item}, now), found, scope[_ROOM], limit)

    return run
