"""Whether one condition holds whenever another does, as far as their words show it.

`company.employee_count >= 1000`   implies  `company.employee_count >= 100`
`company.country == 'NO'`          implies  `company.country in ['NO', 'SE']`
`a and b`                          implies  `a`, and `a or c`

Never yes where it is not so; no also means unknown. A condition holds where it is true, so null holds nowhere, and
what compares a value says that it is there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from queast_dsl.expr import ast

_FLIPPED: dict[str, str] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a comparison lets through: of its term one of `among` (any where None), none of `without`, and a number
    from `low` to `high`, each end with or without itself."""

    term: ast.Node
    among: frozenset[tuple[str, Any]] | None = None
    without: frozenset[tuple[str, Any]] = frozenset()
    low: tuple[float, bool] = (-math.inf, True)
    high: tuple[float, bool] = (math.inf, True)

    @property
    def is_range(self) -> bool:
        return self.low[0] != -math.inf or self.high[0] != math.inf

    @property
    def holds_as_condition(self) -> bool:
        """Whether the term alone, as a condition, holds: present, and where it is true or false, true."""
        named = self.among if self.among is not None else self.without
        return all(kind != "bool" for kind, _ in named) or self.among == frozenset({("bool", True)})

    def lets(self, value: tuple[str, Any]) -> bool:
        if self.is_range and not (value[0] == "number" and self._spans(value[1])):
            return False
        return value not in self.without and (self.among is None or value in self.among)

    def _spans(self, number: float) -> bool:
        above = number > self.low[0] or (number == self.low[0] and self.low[1])
        below = number < self.high[0] or (number == self.high[0] and self.high[1])
        return above and below

    def covers(self, other: _Asked) -> bool:
        """Whether everything that the other lets through this one does, too."""
        if self.term != other.term:
            return False
        if other.among is not None:
            return bool(other.among) and all(self.lets(value) for value in other.among)
        if self.among is not None:
            return False
        lower = other.low[0] > self.low[0] or (other.low[0] == self.low[0] and (self.low[1] or not other.low[1]))
        upper = other.high[0] < self.high[0] or (other.high[0] == self.high[0] and (self.high[1] or not other.high[1]))
        # A value that this one leaves out must not lie in what the other lets through.
        return lower and upper and not any(other.lets(value) for value in self.without)


def implies(b: ast.Node, a: ast.Node) -> bool:
    """Say whether `a` is true of every event of which `b` is; `b  ->  a`."""
    if b == a:
        return True
    match b, a:
        case ast.Or(args=args), _:
            return all(implies(each, a) for each in args)
        case _, ast.And(args=args):
            return all(implies(b, each) for each in args)
        case ast.And(args=args), ast.Or(args=others):
            return any(implies(each, a) for each in args) or any(implies(b, each) for each in others)
        case ast.And(args=args), _:
            return any(implies(each, a) for each in args)
        case _, ast.Or(args=args):
            return any(implies(b, each) for each in args)
        case _:
            return _covered(_asked(b), a)


def _covered(one: _Asked | None, a: ast.Node) -> bool:
    if one is None:
        return False
    if a == ast.Call("is_present", (one.term,)) or (a == one.term and one.holds_as_condition):
        return True
    other = _asked(a)
    return other is not None and other.covers(one)


def _asked(condition: ast.Node) -> _Asked | None:
    match condition:
        case ast.Compare(op=op, left=left, right=ast.Constant(value=value)):
            return _compared(op, left, value)
        case ast.Compare(op=op, left=ast.Constant(value=value), right=right):
            return _compared(_FLIPPED[op], right, value)
        case ast.In(item=item, items=ast.ListOf(items=items), negated=negated):
            values = frozenset(_value(each.value) for each in items if isinstance(each, ast.Constant))
            if len(values) != len(items):
                return None
            return _Asked(item, without=values) if negated else _Asked(item, among=values)
        case _:
            return None


def _compared(op: str, term: ast.Node, value: Any) -> _Asked | None:
    if op in ("==", "!="):
        values = frozenset({_value(value)})
        return _Asked(term, among=values) if op == "==" else _Asked(term, without=values)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    match op:
        case ">" | ">=":
            return _Asked(term, low=(value, op == ">="))
        case _:
            return _Asked(term, high=(value, op == "<="))


def _value(value: Any) -> tuple[str, Any]:
    """True and 1 are equal in Python and two things here; 1 and 1.0 are one."""
    kind = "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__
    return kind, value
