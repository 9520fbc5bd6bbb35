"""From a verified plan to callables. What a worker runs is made here and nowhere else."""

from __future__ import annotations

import ast
import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from itertools import chain
from typing import Any, Protocol, TypeVar

import orjson

from queast_compiler.codegen import assemble, wire
from queast_compiler.codegen.analysis import Facts, facts_of
from queast_compiler.codegen.bounds import checked_body
from queast_compiler.codegen.functions import reason_of
from queast_compiler.codegen.generate import Generator, place_of
from queast_compiler.codegen.guards import mismatch
from queast_compiler.codegen.interpret import Eval, Interpreter, attempt, refusal, required_properties
from queast_compiler.codegen.record import (
    ABSENT,
    EvaluationFailed,
    FieldFailure,
    Record,
    Unfailed,
    filled_type,
    unfailed,
)
from queast_compiler.codegen.sending import longest_rows
from queast_compiler.codegen.unit import Unit
from queast_compiler.plan import ir
from queast_compiler.plan.directory import plan_digest
from queast_compiler.plan.mapping import MappingPlan, ReceivePlan, RoutePlan
from queast_dsl.functions.markup import number_text

Roots = Mapping[str, Any]
T = TypeVar("T")


class PlanUnloadable(ValueError):
    """A plan that names a function or table that is not there."""


class Condition(Protocol):
    def __call__(self, roots: Roots, now: datetime) -> bool: ...


class Evaluate(Protocol):
    def __call__(self, roots: Roots, now: datetime) -> Record: ...


class Value(Protocol):
    def __call__(self, roots: Roots, now: datetime) -> Any: ...


class Headers(Protocol):
    def __call__(self, roots: Roots, now: datetime) -> tuple[tuple[str, str], ...]: ...


@dataclass(frozen=True, slots=True)
class LoadedRoute:
    """A route's callables over (an event's `data`, the delivery's time).

    `when`, `body` and `headers` raise EvaluationFailed; `evaluate` never raises, its record tells what failed.
    `body` is None-valued for a route without one; a header whose value is null is left out. `timed` says whether some
    field asks for the time: without one, `evaluate` gives the same at any time. `compared` are the dotted event paths
    of which it asks whether they changed: the answers stand in the roots, under `ir.CHANGED`.
    """

    plan: RoutePlan
    when: Condition
    evaluate: Evaluate
    body: Value
    headers: Headers
    timed: bool
    compared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadedReceive:
    """What a mapping receives. `note` sees `highlight`; it gives text or null and raises EvaluationFailed."""

    plan: ReceivePlan
    note: Value


@dataclass(frozen=True, slots=True)
class LoadedMapping:
    """A mapping's plan, its digest and its callables. `where` raises EvaluationFailed."""

    plan: MappingPlan
    digest: str
    where: Condition
    routes: tuple[LoadedRoute, ...]
    receive: tuple[LoadedReceive, ...] = ()


def load_mapping(plan: MappingPlan, digest: str | None = None) -> LoadedMapping:
    """Generate a mapping's code. `digest` is the plan's where it is known. Raises PlanUnloadable."""
    tables = {name: dict(rows) for name, rows in plan.tables}
    where = plan.scope.where
    scope = facts_of(() if where is None else (where,))
    facts = [(facts_of(field.expr for field in route.fields), facts_of(_beside_fields(route))) for route in plan.routes]
    notes = facts_of(each.then.note for each in plan.receive if each.then.note is not None)
    unknown = sorted({name for each in (scope, notes, *chain.from_iterable(facts)) for name in each.unknown(tables)})
    if unknown:
        raise PlanUnloadable(f"mapping {plan.mapping} names {', '.join(unknown)}, which this program does not have")
    file = plan.sources[0][0] if plan.sources else plan.mapping
    with uncollected():
        return LoadedMapping(
            plan=plan,
            digest=digest or plan_digest(plan),
            where=_always if where is None else _condition("where", where, file, where.line, tables),
            routes=tuple(
                _load_route(route, of_fields, of_rest, tables)
                for route, (of_fields, of_rest) in zip(plan.routes, facts, strict=True)
            ),
            receive=tuple(_load_receive(each, tables) for each in plan.receive),
        )


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector of cycles away while a plan is loaded: neither plans nor trees hold cycles, and the thousands
    of nodes made would have it go over every plan that was loaded before."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def load_expression(expr: ir.Expr, file: str) -> Value:
    """Generate the code of one expression without tables, e.g. of a matching rule. Raises PlanUnloadable."""
    unknown = sorted(facts_of([expr]).unknown({}))
    if unknown:
        raise PlanUnloadable(f"{file} names {', '.join(unknown)}, which this program does not have")
    return _value(expr, file, {})


def evaluate_expr(expr: ir.Expr, roots: Roots, now: datetime) -> Any:
    """Return the value of an expression of a plan on an event, null as None. Raises EvaluationFailed."""
    return _loaded(expr)(roots, now)


@lru_cache(maxsize=1024)
def _loaded(expr: ir.Expr) -> Value:
    return load_expression(expr, "expression")


def _load_route(route: RoutePlan, of_fields: Facts, of_rest: Facts, tables: dict[str, dict[str, str]]) -> LoadedRoute:
    return LoadedRoute(
        plan=route,
        when=_always if route.when is None else _condition("when", route.when, route.file, route.line, tables),
        evaluate=_evaluate(route, tables) if route.fields else _empty,
        body=_nothing if route.body is None else _body(route.body, route, tables),
        headers=_headers(route, Interpreter(tables)),
        timed=of_fields.asks_time,
        compared=tuple(sorted(of_fields.compared | of_rest.compared)),
    )


def _evaluate(route: RoutePlan, tables: dict[str, dict[str, str]]) -> Evaluate:
    interpreter = Interpreter(tables)
    # Made when first asked for: what only failures ask for would double the time of loading.
    evals: dict[int, Eval] = {}

    def again(
        n: int, roots: Roots, now: datetime, failures: list[FieldFailure] | None, values: dict[str, Any]
    ) -> list[FieldFailure]:
        known = [] if failures is None else failures
        if n not in evals:
            evals[n] = interpreter.field(route.fields[n])
        value = attempt(route.fields[n], evals[n], roots, now, known)
        if value is not ABSENT:
            values[route.fields[n].property] = value
        return known

    def note(n: int, value: Any, failures: list[FieldFailure] | None) -> list[FieldFailure]:
        field = route.fields[n]
        path = field.expr.args[0] if isinstance(field.expr, ir.Coalesce) else field.expr
        if not isinstance(path, ir.Path):
            raise TypeError("only a field that begins with a path notes what it found there")
        known = [] if failures is None else failures
        reason = mismatch(value, place_of(path), path.kind)
        known.append(FieldFailure(field.property, reason, field.file, field.line))
        return known

    def failed(values: dict[str, Any], failures: list[FieldFailure]) -> Record:
        return Record(values, tuple(failures), refusal(required, failures))

    required = required_properties(route)
    unit = Unit(tables, route.file)
    unit.names.update(
        again=again,
        note=note,
        failed=failed,
        slow=_when_asked(partial(interpreter.route, route)),
        **record_names(),
    )
    # The names and not the unit, whose trees are as large as the rest of the plan.
    names = unit.names
    names["unshared"] = _when_asked(lambda: _unshared(route, tables, names))
    return _record_function("evaluate", "unshared", route, unit, longest_rows(tables), share=True)


def record_names() -> dict[str, Any]:
    """Return what the code of any record may name beside `runtime_names`, failures apart."""
    return {
        "ABSENT": ABSENT,
        "Unfailed": Unfailed,
        "Filled": filled_type(),
        "len": len,
        "digits_of": orjson.dumps,
        "fit": _fit,
        "EPOCH": wire.EPOCH,
        "wire_number": number_text,
        **{f"wire_{name}": function for name, function in wire.WIRES.items()},
    }


def _unshared(route: RoutePlan, tables: Mapping[str, dict[str, str]], names: Mapping[str, Any]) -> Evaluate:
    unit = Unit(tables, route.file)
    unit.names.update({name: value for name, value in names.items() if name not in unit.names})
    return _record_function("unshared", "slow", route, unit, longest_rows(tables), share=False)


def _record_function(
    name: str, otherwise: str, route: RoutePlan, unit: Unit, longest: Mapping[str, int], *, share: bool
) -> Evaluate:
    def write(make: Generator) -> ast.FunctionDef:
        return assemble.evaluate_function(name, otherwise, route, make, longest, share=share)

    made_of = (assemble.made_of(route), tuple(longest.items()))
    evaluate: Evaluate = unit.function(name, made_of, write)
    return evaluate


def _when_asked(make: Callable[[], Callable[[Roots, datetime], T]]) -> Callable[[Roots, datetime], T]:
    """A function that is made at its first call: what only failures ask for would double the time of loading."""
    made: list[Callable[[Roots, datetime], T]] = []

    def run(roots: Roots, now: datetime) -> T:
        if not made:
            made.append(make())
        return made[0](roots, now)

    return run


def _condition(name: str, expr: ir.Expr, file: str, line: int, tables: dict[str, dict[str, str]]) -> Condition:
    at = expr.line or line
    unit = Unit(tables, file)
    again = _reported(name, _when_asked(lambda: Interpreter(tables).expression(expr)), file, at)
    unit.names[f"again_{name}"] = lambda roots, now: again(roots, now) is True
    condition: Condition = unit.function(
        name, (expr, at), lambda make: assemble.condition_function(name, expr, at, make)
    )
    return condition


def _value(expr: ir.Expr, file: str, tables: dict[str, dict[str, str]]) -> Value:
    unit = Unit(tables, file)
    unit.names["again_value"] = _reported("value", Interpreter(tables).expression(expr), file, expr.line)
    value: Value = unit.function(
        "value", expr, lambda make: assemble.value_function("value", expr, expr.line, make, as_json=False)
    )
    return value


def _body(expr: ir.Expr, route: RoutePlan, tables: dict[str, dict[str, str]]) -> Value:
    at = expr.line or route.line
    unit = Unit(tables, route.file)
    inner = _when_asked(lambda: Interpreter(tables).expression(expr))

    def reference(roots: Roots, now: datetime) -> Any:
        return checked_body(wire.native(inner(roots, now)))

    again = _reported("body", reference, route.file, at)
    unit.names.update(native=wire.native, checked_body=checked_body, again_body=again)
    body: Value = unit.function(
        "body", (expr, at), lambda make: assemble.value_function("body", expr, at, make, as_json=True)
    )
    return body


def _headers(route: RoutePlan, interpreter: Interpreter) -> Headers:
    # A route has at most a few headers and mostly none, so the interpreter serves.
    def evaluated(expr: ir.Expr) -> Callable[[Roots, datetime], str | None]:
        inner = interpreter.expression(expr)

        def text(roots: Roots, now: datetime) -> str | None:
            value = inner(roots, now)
            return None if value is None else wire.header(value)

        return text

    evals = [
        (name, _reported(f"header {name}", evaluated(expr), route.file, expr.line or route.line))
        for name, expr in route.headers
    ]

    def headers(roots: Roots, now: datetime) -> tuple[tuple[str, str], ...]:
        found = [(name, value(roots, now)) for name, value in evals]
        return tuple((name, text) for name, text in found if text is not None)

    return headers


def _reported(what: str, inner: Eval, file: str, line: int) -> Eval:
    def run(roots: Roots, now: datetime) -> Any:
        try:
            return inner(roots, now)
        except Exception as error:
            raise EvaluationFailed(what, reason_of(error), file, line) from error

    return run


def _load_receive(plan: ReceivePlan, tables: dict[str, dict[str, str]]) -> LoadedReceive:
    note = plan.then.note
    if note is None:
        return LoadedReceive(plan, _nothing)
    return LoadedReceive(plan, _value(note, plan.file, tables))


def _fit(value: Any, bound: int, truncate: bool) -> Any:
    if not isinstance(value, str) or len(value) <= bound:
        return value
    if truncate:
        return value[:bound]
    raise wire.too_long(len(value), bound)


def _always(roots: Roots, now: datetime) -> bool:  # noqa: ARG001
    return True


def _empty(roots: Roots, now: datetime) -> Record:  # noqa: ARG001
    return unfailed({})


def _nothing(roots: Roots, now: datetime) -> None:  # noqa: ARG001
    return None


def _beside_fields(route: RoutePlan) -> Iterator[ir.Expr]:
    yield from (each for each in (route.when, route.body) if each is not None)
    yield from (expr for _, expr in route.headers)
