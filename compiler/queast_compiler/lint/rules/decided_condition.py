"""A condition that no event meets, or every one: by its own bounds, by the scope, or by what a field can be."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import TypeVar, cast

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.rules.contradiction import RULE as CONTRADICTION
from queast_compiler.lint.subject import Subject
from queast_compiler.passes.apart import Effort, can_hold, condition
from queast_compiler.passes.expressions import Environment, environment
from queast_compiler.passes.expressions.environment import Typed
from queast_compiler.plan import ir
from queast_dsl.diagnostics.model import Note
from queast_dsl.document.mapping import Expression
from queast_dsl.source import Span

Bounds = dict[str, tuple[float, float]]
T = TypeVar("T")
_JSON_BOUND = 2**53 - 1


def check(subject: Subject) -> Iterator[Hit]:
    told = [hit.span for hit in CONTRADICTION.check(subject)]
    program = subject.program
    scope = program.mapping.scope.where
    scope_is_met = True
    if scope is not None and program.where is not None:
        bounds = _bounds(program.where, environment("company", {}, frozenset()))
        hit = None if _has(scope, told) else _decided(scope, program.where, bounds)
        scope_is_met = hit is None
        if hit is not None:
            yield hit
    for route in program.routes:
        written = route.route.when
        if written is None or route.when is None or _has(written, told):
            continue
        bounds = _bounds(route.when, route.environment)
        hit = _decided(written, route.when, bounds)
        if hit is not None:
            yield hit
        elif scope is not None and program.where is not None and scope_is_met and not _has(scope, told):
            together = condition([_seen_from(route.environment, program.where.ir), route.when.ir], Effort())
            if not can_hold(together, bounds):
                note = Note("the scope lets through only this", scope.text.span)
                help = "an event outside of the scope reaches no route: change one of the two"
                yield Hit("never true of what is in the scope", written.text.span, help, (note,))


def _has(written: Expression, told: list[Span]) -> bool:
    """Say whether something in a condition was told by another rule."""
    return any(written.text.span.file == span.file and _is_in(span, written.text.span) for span in told)


def _is_in(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _decided(written: Expression, typed: Typed, bounds: Bounds) -> Hit | None:
    if isinstance(typed.ir, ir.Lit) or not typed.reads:
        return None
    met, denied = condition([typed.ir], Effort()), condition([ir.Not(typed.ir)], Effort())
    limits = "; ".join(_said(path, bounds) for path in sorted(bounds))
    if not can_hold(met, {}):
        return Hit("this is never true", written.text.span, "its parts exclude each other")
    if not can_hold(met, bounds):
        return Hit("this is never true", written.text.span, limits)
    if not typed.nullable and not can_hold(denied, bounds):
        return Hit("this is always true", written.text.span, f"{limits}; leave it out" if limits else "leave it out")
    return None


def _seen_from(env: Environment | None, expr: T) -> T:
    """An expression of the scope as a route reads it: in a signal's route, `company` is the signal's."""
    if env is None:
        return expr
    match expr:
        case ir.Path(root=root, steps=steps, optional=optional) if root in env.aliases:
            at, *further = env.aliases[root]
            certain = (False,) * len(further)
            return replace(expr, root=at, steps=(*further, *steps), optional=(*certain, *optional))
        case _ if isinstance(expr, ir.Expr):
            return replace(expr, **{each.name: _seen_from(env, getattr(expr, each.name)) for each in fields(expr)})
        case tuple():
            return cast(T, tuple(_seen_from(env, each) for each in expr))
        case _:
            return expr


def _said(path: str, bounds: Bounds) -> str:
    low, high = bounds[path]
    if math.isinf(high):
        return f"`{path}` is {low:g} or more"
    return f"`{path}` is {low:g} to {high:g}" if not math.isinf(low) else f"`{path}` is {high:g} or less"


def _bounds(typed: Typed, env: Environment | None) -> Bounds:
    """The bounds that the schema sets to the numbers that a condition reads."""
    found: Bounds = {}
    for path in typed.reads:
        property_ = None if env is None else env.property_at(path.split("."))
        if property_ is None or (property_.minimum is None and property_.maximum is None):
            continue
        low = -math.inf if property_.minimum is None else property_.minimum
        # A bound that is only what JSON can hold is none that somebody reckons with.
        high = math.inf if property_.maximum is None or property_.maximum >= _JSON_BOUND else property_.maximum
        found[path] = (low, high)
    return found


RULE = Rule(
    code="QM834",
    title="a condition that is decided before any event",
    why=(
        "Bounds that no value is within, a bound beyond what the field can be, or a route's condition that the scope "
        "rules out: no event ever meets it, and the route is silent for ever. One that every event meets asks nothing."
    ),
    instead="Change the bounds, or leave the condition out.",
    bad="""\
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    when: company.employee_count > 250 and company.employee_count < 50
    fields:
      name: company.name

""",
    good="""\
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    when: company.employee_count > 50 and company.employee_count < 250
    fields:
      name: company.name

""",
    check=check,
)
