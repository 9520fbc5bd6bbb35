"""What of a mapping its tests exercise: rules of matching, fields, and the ways of every choice.

Whenever the engine asks a route for something, the reference interpreter answers the same question beside it and counts
what it evaluates: what is covered is what the engine really came to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

from queast_compiler.codegen import EvaluationFailed, LoadedMapping
from queast_compiler.codegen.counting import CountingInterpreter, branches, tables_of
from queast_compiler.codegen.interpret import Eval, finished
from queast_compiler.codegen.load import LoadedReceive, LoadedRoute
from queast_compiler.codegen.record import ABSENT, Failed
from queast_compiler.plan import ir
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import FieldPlan, MappingPlan, RoutePlan
from queast_runtime.matching.decide import Linked, NeedsReview
from queast_runtime.preview.cases.run import Outcome

Kind = Literal["rules", "fields", "branches"]
KINDS: Final[tuple[Kind, ...]] = ("rules", "fields", "branches")
Roots = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that tests can exercise, and how often they did."""

    kind: Kind
    name: str
    file: str
    line: int
    hits: int


@dataclass(slots=True)
class Watched:
    """A mapping whose evaluations are counted. `loaded` is what the engine is given."""

    plan: MappingPlan
    connection: ConnectionPlan
    loaded: LoadedMapping
    counts: CountingInterpreter
    given: Counter[tuple[str, str]] = field(default_factory=Counter)
    conditions: Counter[tuple[str, bool]] = field(default_factory=Counter)
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)

    def saw(self, outcome: Outcome) -> None:
        """Count the rules that decided."""
        for one in outcome.routes:
            if isinstance(one.match, Linked | NeedsReview) and one.match.rule is not None:
                self.rules[self._entity(one.object), one.match.rule] += 1

    def _entity(self, object_: str) -> str:
        own = next((each for each in self.connection.match if each.object == object_), None)
        # A note's match is that of the record that it hangs on.
        return own.entity if own is not None else next((each.entity for each in self.connection.match), "")

    def items(self, names: Mapping[tuple[str, str], str]) -> Iterator[Item]:
        """Yield everything that could have been exercised. `names` are what properties are called, by route and key."""
        for match in self.connection.match:
            if any(route.action == "upsert" and route.entity == match.entity for route in self.plan.routes):
                for rule in match.order:
                    hits = self.rules[match.entity, rule]
                    line = 0 if match.domain_from is None else match.domain_from.line
                    yield Item("rules", f"{match.entity} {rule}", self.connection.sources[0][0], line, hits)
        where = self.plan.scope.where
        if where is not None:
            yield from self._condition("scope.where", where, self.plan.sources[0][0], where.line)
        for route in self.plan.routes:
            yield from self._route(route, names)
        for each in self.plan.receive:
            yield Item("fields", f"receive.{each.name}", each.file, each.line, self.given[each.name, ""])
            if each.then.note is not None:
                yield from self._branches(f"receive.{each.name}.note", each.then.note, each.file, each.line)

    def _route(self, route: RoutePlan, names: Mapping[tuple[str, str], str]) -> Iterator[Item]:
        if route.when is not None:
            yield from self._condition(f"{route.name}.when", route.when, route.file, route.line)
        for each in route.fields:
            hits, name = self.given[route.name, each.property], names.get((route.name, each.property), each.property)
            yield Item("fields", f"{route.name}.{name}", each.file, each.line, hits)
            yield from self._branches(f"{route.name}.{name}", each.expr, each.file, each.line)
        if route.action == "send" and not isinstance(route.body, ir.MakeObj):
            yield Item("fields", route.name, route.file, route.line, self.given[route.name, ""])
        for name, expr in route.body.entries if isinstance(route.body, ir.MakeObj) else ():
            line = getattr(expr, "line", 0) or route.line
            yield Item("fields", f"{route.name}.{name}", route.file, line, self.given[route.name, name])
            yield from self._branches(f"{route.name}.{name}", expr, route.file, line)
        for name, expr in route.headers:
            yield from self._branches(f"{route.name}.{name}", expr, route.file, route.line)

    def _condition(self, name: str, expr: ir.Expr, file: str, line: int) -> Iterator[Item]:
        at = expr.line or line
        for answer in (True, False):
            yield Item("branches", f"{name} {str(answer).lower()}", file, at, self.conditions[name, answer])
        yield from self._branches(name, expr, file, at)

    def _branches(self, name: str, expr: ir.Expr, file: str, line: int) -> Iterator[Item]:
        for each in branches(expr, self.counts):
            yield Item("branches", f"{name}: {each.what}", file, each.line or line, each.taken)


def watched(mapping: LoadedMapping, connection: ConnectionPlan) -> Watched:
    """Return a mapping that counts what is evaluated of it."""
    counts = CountingInterpreter(tables_of(mapping.plan.tables))
    made = Watched(mapping.plan, connection, mapping, counts)
    where = mapping.plan.scope.where
    made.loaded = replace(
        mapping,
        where=mapping.where if where is None else _asking(made, "scope.where", counts.expression(where), mapping.where),
        routes=tuple(_route(made, each) for each in mapping.routes),
        receive=tuple(_receive(made, each) for each in mapping.receive),
    )
    return made


def _asking(made: Watched, name: str, counted: Eval, real: Any) -> Any:
    def ask(roots: Roots, now: datetime) -> bool:
        _quietly(counted, roots, now)
        try:
            answer: bool = real(roots, now)
        except EvaluationFailed:
            made.conditions[name, False] += 1
            raise
        made.conditions[name, answer] += 1
        return answer

    return ask


def _route(made: Watched, route: LoadedRoute) -> LoadedRoute:
    plan, counts = route.plan, made.counts
    evals = [(each, counts.expression(each.expr)) for each in plan.fields]
    body = None if plan.body is None else counts.expression(plan.body)

    def evaluate(roots: Roots, now: datetime) -> Any:
        for each, counted in evals:
            made.given[plan.name, each.property] += _is_given(each, _quietly(counted, roots, now))
        return route.evaluate(roots, now)

    def tell(roots: Roots, now: datetime) -> Any:
        found = None if body is None else _quietly(body, roots, now)
        for name, value in found.items() if isinstance(found, dict) else ():
            made.given[plan.name, name] += value is not None
        made.given[plan.name, ""] += 1
        return route.body(roots, now)

    headers = [counts.expression(expr) for _, expr in plan.headers]

    def head(roots: Roots, now: datetime) -> Any:
        for each in headers:
            _quietly(each, roots, now)
        if plan.body is None:
            # Nothing is asked of the body of a route that sends the event itself.
            made.given[plan.name, ""] += 1
        return route.headers(roots, now)

    when = route.when
    if plan.when is not None:
        when = _asking(made, f"{plan.name}.when", counts.expression(plan.when), route.when)
    return replace(route, when=when, evaluate=evaluate, body=tell, headers=head)


def _is_given(field: FieldPlan, value: Any) -> bool:
    """Whether a value goes over the wire: nothing does where it is null, or does not fit."""
    if value is None:
        return False
    try:
        return finished(field, value) is not ABSENT
    except Failed:
        return False


def _receive(made: Watched, rule: LoadedReceive) -> LoadedReceive:
    counted = None if rule.plan.then.note is None else made.counts.expression(rule.plan.then.note)

    def note(roots: Roots, now: datetime) -> Any:
        made.given[rule.plan.name, ""] += 1
        if counted is not None:
            _quietly(counted, roots, now)
        return rule.note(roots, now)

    return replace(rule, note=note)


def _quietly(eval_: Eval, roots: Roots, now: datetime) -> Any:
    """Evaluate beside the engine: a failure is the engine's to tell."""
    try:
        return eval_(roots, now)
    except Exception:  # noqa: BLE001
        return None
