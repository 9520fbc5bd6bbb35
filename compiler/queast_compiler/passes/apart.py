"""Whether two conditions can hold of one event: what `one_writer` asks before it calls two routes rivals.

`company.country == 'NO'` and `company.country in ['SE', 'DK']`  ->  APART
`company.country == 'NO'` and `company.employee_count > 50`      ->  TOGETHER
`matches(company.name, 'AS$')` and `company.name == 'Acme'`      ->  APART
`matches(company.name, 'AS$')` and `contains(company.name, 'B')` ->  UNSURE
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from itertools import product
from typing import Any

from queast_compiler.codegen.analysis import children
from queast_compiler.passes.known_values import is_text_field, never_both, none_fits
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

    def admits(self, value: object) -> bool:
        """Whether a term that gives this value is within them."""
        if value is None or self.null:
            return value is None and self.null
        if self.allowed is not None and not any(_is_same(each, value) for each in self.allowed):
            return False
        if any(_is_same(each, value) for each in self.excluded):
            return False
        return isinstance(value, bool) or not isinstance(value, int | float) or self.low <= value <= self.high


# A case holds where all its terms do; a condition holds in any of its cases.
_Case = dict[Key, _Limits]


@dataclass(slots=True)
class Effort:
    """How many terms may still be compared: two conditions of many cases each would take minutes."""

    left: int = 400_000

    def spend(self, terms: int) -> bool:
        """Take the work of so many terms, or say that it is used up."""
        self.left -= terms + 1
        return self.left >= 0


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition taken apart: its cases, the terms of each by the fields they read, and what all cases demand."""

    cases: tuple[_Case, ...]
    terms_by_path: tuple[dict[str, frozenset[Key]], ...]
    demands: dict[Key, _Demand]


@dataclass(frozen=True, slots=True)
class _Demand:
    """The values of one term with which any case holds: `allowed` None is any, `low` and `high` close their range."""

    allowed: frozenset[ir.Scalar] | None
    low: float
    high: float

    def excludes(self, other: _Demand) -> bool:
        if self.allowed is not None and other.allowed is not None:
            return self.allowed.isdisjoint(other.allowed)
        return self.low > other.high or other.low > self.high


def condition(all_of: Iterable[ir.Expr], effort: Effort) -> Condition:
    """Take apart what is true where all of `all_of` are; nulls count as false.

    `company.country == 'NO' or company.country == 'SE'`  ->  one case: country is NO or SE
    """
    cases = tuple(_Apart(effort).every(tuple(all_of)))
    by_path: list[dict[str, frozenset[Key]]] = []
    for case in cases:
        terms: dict[str, frozenset[Key]] = {}
        for term, limits in case.items():
            for path in limits.paths:
                terms[path] = terms.get(path, frozenset()) | {term}
        by_path.append(terms)
    return Condition(cases, tuple(by_path), _demands(cases))


def meeting(a: Condition, b: Condition, effort: Effort) -> Meeting:
    """Say whether both conditions can be true of one event. UNSURE, too, where the effort is used up."""
    if any(term in b.demands and demand.excludes(b.demands[term]) for term, demand in a.demands.items()):
        return Meeting.APART
    found = Meeting.APART
    for one, of_one in zip(a.cases, a.terms_by_path, strict=True):
        for other, of_other in zip(b.cases, b.terms_by_path, strict=True):
            if not effort.spend(len(other)):
                return Meeting.UNSURE
            if _join(one, other) is None or _are_told_apart(one, other, effort):
                continue
            if not _is_doubtful(of_one, of_other):
                return Meeting.TOGETHER
            found = Meeting.UNSURE
    return found


def can_hold(condition: Condition, bounds: Mapping[str, tuple[float, float]]) -> bool:
    """Say whether a condition can be true of an event whose numbers are within `bounds`, by event path."""
    return any(all(_within(term, limits, bounds) for term, limits in case.items()) for case in condition.cases)


def _within(term: Key, limits: _Limits, bounds: Mapping[str, tuple[float, float]]) -> bool:
    if term[0] != ir.Path.__name__ or limits.null:
        return True
    (path,) = limits.paths
    if path not in bounds:
        return True
    low, high = bounds[path]
    return limits.joined(_Limits(low=low, high=high)) is not None


def _demands(cases: tuple[_Case, ...]) -> dict[Key, _Demand]:
    """Return what every case demands of a term, where that is a choice of values or a range."""
    if not cases:
        return {}
    first, *rest = cases
    found: dict[Key, _Demand] = {}
    for term in first:
        every = [case[term] for case in (first, *rest) if term in case]
        if len(every) < len(cases) or any(limits.null for limits in every):
            continue
        chosen = [limits.allowed for limits in every if limits.allowed is not None]
        allowed = frozenset().union(*chosen) if len(chosen) == len(every) else None
        found[term] = _Demand(allowed, min(each.low for each in every), max(each.high for each in every))
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


class _Apart:
    """Takes conditions apart within an effort; past it, or past the most cases, a condition is one term by itself."""

    def __init__(self, effort: Effort) -> None:
        self._effort = effort

    def cases(self, condition: ir.Expr) -> list[_Case]:
        """Return the cases in which a condition is true; those that contradict themselves are left out."""
        match condition:
            case ir.And(args):
                return self.every(args)
            case ir.Or(args):
                return _bounded([case for each in args for case in self.cases(each)], condition)
            case ir.Not(of):
                return self._denied(of)
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
                return [_opaque(condition)]

    def _denied(self, condition: ir.Expr) -> list[_Case]:
        """Return the cases in which a condition is false: not true, and not null either."""
        match condition:
            case ir.Not(of):
                return self.cases(of)
            case ir.And(args):
                return _bounded([case for each in args for case in self._denied(each)], condition)
            case ir.Or(args):
                return self.every(tuple(ir.Not(each) for each in args))
            case ir.Compare(op, left, right):
                return self.cases(ir.Compare(_DENIED[op], left, right))
            case ir.In(item, ir.MakeList(items)) if all(isinstance(each, ir.Lit) for each in items):
                return [_one(item, _Limits(excluded=_values(items)))]
            case ir.Present(of):
                return [_one(of, _Limits(null=True))]
            case ir.Lit(value):
                return [{}] if value is False else []
            case _:
                return [_one(condition, _Limits(allowed=frozenset({False})))]

    def every(self, conditions: tuple[ir.Expr, ...]) -> list[_Case]:
        """Return the cases in which all conditions are true."""
        found: list[_Case] = [{}]
        for each in conditions:
            pairs = product(found, _bounded(self.cases(each), each))
            found = []
            for one, other in pairs:
                if len(found) > _MOST_CASES or not self._effort.spend(len(one) + len(other)):
                    return [_opaque(ir.And(conditions))]
                if (joined := _join(one, other)) is not None:
                    found.append(joined)
        return found if len(found) <= _MOST_CASES else [_opaque(ir.And(conditions))]


def _bounded(cases: list[_Case], condition: ir.Expr) -> list[_Case]:
    merged = _merged(cases)
    return merged if len(merged) <= _MOST_CASES else [_opaque(condition)]


def _merged(cases: list[_Case]) -> list[_Case]:
    """`country is NO`, `country is SE`, `score above 3`  ->  `country is NO or SE`, `score above 3`."""
    kept: list[_Case] = []
    choices: dict[Key, list[_Limits]] = {}
    for case in cases:
        match list(case.items()):
            case [(term, limits)] if limits == _Limits(allowed=limits.allowed, paths=limits.paths) and limits.allowed:
                choices.setdefault(term, []).append(limits)
            case _:
                kept.append(case)
    for term, some in choices.items():
        allowed = frozenset[ir.Scalar]().union(*(each.allowed or frozenset() for each in some))
        kept.append({term: replace(some[0], allowed=allowed)})
    return kept


def _opaque(condition: ir.Expr) -> _Case:
    return _one(condition, _Limits(allowed=frozenset({True})))


def _compared(op: str, term: ir.Expr, value: ir.Scalar, whole: ir.Expr) -> list[_Case]:
    if op == "==":
        return [_one(term, _Limits(allowed=frozenset({value})))]
    if op == "!=":
        return [_one(term, _Limits(excluded=frozenset({value})))]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return [_opaque(whole)]
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


def _are_told_apart(one: _Case, other: _Case, effort: Effort) -> bool:
    """Whether two cases ask in two ways for what no text of a field can be."""
    return (
        _no_text_fits(one, other, effort)
        or _no_text_fits(other, one, effort)
        or any(
            a.allowed == b.allowed == frozenset({True}) and never_both(term, asked)
            for term, a in one.items()
            for asked, b in other.items()
        )
    )


def _no_text_fits(one: _Case, other: _Case, effort: Effort) -> bool:
    for field, limits in one.items():
        if limits.allowed is None or not is_text_field(field):
            continue
        asked = {term: each.admits for term, each in other.items() if term != field and each.paths == limits.paths}
        if asked and effort.spend(len(asked) * len(limits.allowed)) and none_fits(limits.allowed, field, asked):
            return True
    return False


def _is_doubtful(one: dict[str, frozenset[Key]], other: dict[str, frozenset[Key]]) -> bool:
    """Whether the two ask different questions about one and the same field."""
    return any(path in other and len(terms | other[path]) > 1 for path, terms in one.items())


def _both(a: frozenset[ir.Scalar] | None, b: frozenset[ir.Scalar] | None) -> frozenset[ir.Scalar] | None:
    if a is None or b is None:
        return b if a is None else a
    return a & b


def _inside(value: ir.Scalar, low: float, high: float) -> bool:
    return isinstance(value, bool) or not isinstance(value, (int, float)) or low <= value <= high


def _is_same(a: object, b: object) -> bool:
    """Whether two values are equal as the language has it: 1 is 1.0 and not true."""
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def _values(items: tuple[ir.Expr, ...]) -> frozenset[ir.Scalar]:
    return frozenset(each.value for each in items if isinstance(each, ir.Lit))


def _paths(expr: ir.Expr) -> Iterator[str]:
    if isinstance(expr, ir.Path):
        yield ".".join((expr.root, *expr.steps))
    for child, _ in children(expr):
        yield from _paths(child)
