"""Whether two conditions can hold of one event: what `one_writer` asks before it calls two routes rivals.

`company.country == 'NO'` and `company.country in ['SE', 'DK']`  ->  APART
`company.country == 'NO'` and `company.employee_count > 50`      ->  TOGETHER
`matches(company.name, 'AS$')` and `company.name == 'Acme'`      ->  UNSURE
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from enum import Enum
from itertools import product
from typing import Any

from queast_compiler.codegen.analysis import children
from queast_compiler.plan import ir

Key = tuple[Any, ...]
# Past this many alternatives a condition is no longer taken apart.
_MOST_CASES = 64
_FLIPPED: dict[str, ir.CompareOp] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_DENIED: dict[str, ir.CompareOp] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


class Meeting(Enum):
    """Whether two conditions can hold at once. UNSURE: they ask about one field in ways that cannot be compared."""

    APART = "apart"
    TOGETHER = "together"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class _Limits:
    """What a case demands of one term. `allowed` None is any value; the bounds belong to the range."""

    allowed: frozenset[ir.Scalar] | None = None
    excluded: frozenset[ir.Scalar] = frozenset()
    low: float = -math.inf
    high: float = math.inf
    null: bool = False
    paths: frozenset[str] = frozenset()

    def joined(self, other: _Limits) -> _Limits | None:
        """Return what both demand together, None where nothing fits."""
        if self.null or other.null:
            return self if self.null and other.null else None
        low, high = max(self.low, other.low), min(self.high, other.high)
        excluded = self.excluded | other.excluded
        allowed = _both(self.allowed, other.allowed)
        if allowed is not None:
            allowed = frozenset(v for v in allowed if v not in excluded and _inside(v, low, high))
        if low > high or allowed == frozenset():
            return None
        return _Limits(allowed, excluded, low, high, False, self.paths | other.paths)


# A case holds where all its terms do; a condition holds in any of its cases.
_Case = dict[Key, _Limits]


def meeting(a: Iterable[ir.Expr], b: Iterable[ir.Expr]) -> Meeting:
    """Say whether all conditions of `a` and all of `b` can be true of one event; nulls count as false."""
    found = Meeting.APART
    for one, other in product(_cases(ir.And(tuple(a))), _cases(ir.And(tuple(b)))):
        if _join(one, other) is None:
            continue
        if not _is_doubtful(one, other):
            return Meeting.TOGETHER
        found = Meeting.UNSURE
    return found


def key(expr: ir.Expr) -> Key:
    """Return what the expression says, to compare it by: where it stands, and what is known to be there, is no part."""
    names = (each.name for each in fields(expr) if each.name not in ("line", "optional"))
    return (type(expr).__name__, *(_said(getattr(expr, name)) for name in names))


def _said(value: Any) -> Key:
    if isinstance(value, tuple):
        return tuple(_said(each) for each in value)
    # True and 1 are equal and hash alike, and are two things to say.
    return key(value) if isinstance(value, ir.Expr) else (type(value).__name__, value)


def _cases(condition: ir.Expr) -> list[_Case]:
    """Return the cases in which a condition is true; those that contradict themselves are left out."""
    match condition:
        case ir.And(args):
            return _every(args)
        case ir.Or(args):
            return _bounded([case for each in args for case in _cases(each)], condition)
        case ir.Not(of):
            return _denied(of)
        case ir.Compare(op, left, ir.Lit(value)):
            return _compared(op, left, value, condition)
        case ir.Compare(op, ir.Lit(value), right):
            return _compared(_FLIPPED[op], right, value, condition)
        case ir.In(item, ir.MakeList(items)) if all(isinstance(each, ir.Lit) for each in items):
            return [_one(item, _Limits(allowed=_values(items)))]
        case ir.Present(of):
            return [_one(of, _Limits())]
        case ir.Lit(value):
            return [{}] if value is True else []
        case _:
            return [_one(condition, _Limits(allowed=frozenset({True})))]


def _denied(condition: ir.Expr) -> list[_Case]:
    """Return the cases in which a condition is false: not true, and not null either."""
    match condition:
        case ir.Not(of):
            return _cases(of)
        case ir.And(args):
            return _bounded([case for each in args for case in _denied(each)], condition)
        case ir.Or(args):
            return _every(tuple(ir.Not(each) for each in args))
        case ir.Compare(op, left, right):
            return _cases(ir.Compare(_DENIED[op], left, right))
        case ir.In(item, ir.MakeList(items)) if all(isinstance(each, ir.Lit) for each in items):
            return [_one(item, _Limits(excluded=_values(items)))]
        case ir.Present(of):
            return [_one(of, _Limits(null=True))]
        case ir.Lit(value):
            return [{}] if value is False else []
        case _:
            return [_one(condition, _Limits(allowed=frozenset({False})))]


def _every(conditions: tuple[ir.Expr, ...]) -> list[_Case]:
    found: list[_Case] = [{}]
    for each in conditions:
        pairs = product(found, _bounded(_cases(each), each))
        found = [joined for one, other in pairs if (joined := _join(one, other)) is not None]
        if len(found) > _MOST_CASES:
            return [_one(ir.And(conditions), _Limits(allowed=frozenset({True})))]
    return found


def _bounded(cases: list[_Case], condition: ir.Expr) -> list[_Case]:
    return cases if len(cases) <= _MOST_CASES else [_one(condition, _Limits(allowed=frozenset({True})))]


def _compared(op: str, term: ir.Expr, value: ir.Scalar, whole: ir.Expr) -> list[_Case]:
    if op == "==":
        return [_one(term, _Limits(allowed=frozenset({value})))]
    if op == "!=":
        return [_one(term, _Limits(excluded=frozenset({value})))]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return [_one(whole, _Limits(allowed=frozenset({True})))]
    is_whole = isinstance(term, ir.Path) and term.kind == "int"
    match op:
        case ">=":
            return [_one(term, _Limits(low=math.ceil(value) if is_whole else value))]
        case ">":
            return [_one(term, _Limits(low=math.floor(value) + 1 if is_whole else math.nextafter(value, math.inf)))]
        case "<=":
            return [_one(term, _Limits(high=math.floor(value) if is_whole else value))]
        case _:
            return [_one(term, _Limits(high=math.ceil(value) - 1 if is_whole else math.nextafter(value, -math.inf)))]


def _one(term: ir.Expr, limits: _Limits) -> _Case:
    return {key(term): replace(limits, paths=frozenset(_paths(term)))}


def _join(one: _Case, other: _Case) -> _Case | None:
    joined = dict(one)
    for term, limits in other.items():
        both = joined[term].joined(limits) if term in joined else limits
        if both is None:
            return None
        joined[term] = both
    return joined


def _is_doubtful(one: _Case, other: _Case) -> bool:
    """Whether the two ask different questions about one and the same field."""
    return any(
        mine != theirs and not limits.paths.isdisjoint(others.paths)
        for mine, limits in one.items()
        for theirs, others in other.items()
    )


def _both(a: frozenset[ir.Scalar] | None, b: frozenset[ir.Scalar] | None) -> frozenset[ir.Scalar] | None:
    if a is None or b is None:
        return b if a is None else a
    return a & b


def _inside(value: ir.Scalar, low: float, high: float) -> bool:
    return isinstance(value, bool) or not isinstance(value, (int, float)) or low <= value <= high


def _values(items: tuple[ir.Expr, ...]) -> frozenset[ir.Scalar]:
    return frozenset(each.value for each in items if isinstance(each, ir.Lit))


def _paths(expr: ir.Expr) -> Iterator[str]:
    if isinstance(expr, ir.Path):
        yield ".".join((expr.root, *expr.steps))
    for child, _ in children(expr):
        yield from _paths(child)
