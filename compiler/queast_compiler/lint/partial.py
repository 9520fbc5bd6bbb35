"""Operations that fail for some values, where nothing around them shows that those values do not come.

`company.revenue / company.employee_count`   fails at 0, unless  `if(company.employee_count > 0, …, null)`  is around it
`replace(company.name, company.city, '')`    fails where the city is empty

Never silent where it may fail, by the values of one event; what takes texts or numbers near their bounds is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import cast

from queast_compiler.lint.implied import implies
from queast_dsl.expr import ast
from queast_dsl.expr.unparse import unparse
from queast_dsl.expr.walk import children
from queast_dsl.functions import REGISTRY
from queast_dsl.functions.numbers import MAX_DIGITS

Known = tuple[ast.Node, ...]

_OPPOSITE: dict[ast.CompareOp, ast.CompareOp] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
}
_COUNTS = frozenset(("length", "count"))
_ZERO = ast.Constant(0)
_EMPTY = ast.Constant("")


@dataclass(frozen=True, slots=True)
class Partial:
    """`node` fails where `operand` is as `fault` says; `guard` is a condition under which it does not."""

    node: ast.Node
    operand: ast.Node
    fault: str
    guard: str


def partial_operations(node: ast.Node, known: Known = ()) -> Iterator[Partial]:
    """Yield the operations in an expression that may fail, where all of `known` holds."""
    return _within(_unpiped(node), tuple(_unpiped(each) for each in known))


def _unpiped(node: ast.Node) -> ast.Node:
    """Return the same tree with each pipe as a call: `x | trim` is `trim(x)`, also where one of them is asked for."""
    return cast(ast.Node, _rewritten(node))


def _rewritten(part: object) -> object:
    if isinstance(part, tuple):
        return tuple(_rewritten(each) for each in cast("tuple[object, ...]", part))
    if not is_dataclass(part) or isinstance(part, type):
        return part
    parts = {each.name: _rewritten(getattr(part, each.name)) for each in fields(part)}
    return replace(part, **{**parts, "piped": False} if "piped" in parts else parts)


def _within(node: ast.Node, known: Known) -> Iterator[Partial]:
    match node:
        case ast.And(args=args):
            yield from _in_turn(args, known, lambda arg: (arg,))
        case ast.Or(args=args):
            yield from _in_turn(args, known, refuted)
        case ast.Call(fn="if", args=(condition, *branches)):
            yield from _within(condition, known)
            for branch, more in zip(branches, ((condition,), refuted(condition)), strict=False):
                yield from _within(branch, (*known, *more))
        case _:
            fault = _fault(node, known)
            if fault is not None:
                yield fault
            for part in children(node):
                yield from _within(part, known)


def refuted(condition: ast.Node) -> Known:
    """Return what holds where a condition is not true. One that compares null is not true either, and what takes the
    null does not fail by it."""
    match condition:
        case ast.Compare(op=op, left=left, right=right):
            return (ast.Compare(_OPPOSITE[op], left, right),)
        case ast.Not(of=of):
            return (of,)
        case ast.In(item=item, items=items, negated=negated):
            return (ast.In(item, items, not negated),)
        case ast.Or(args=args):
            return tuple(each for arg in args for each in refuted(arg))
        case _:
            return (ast.Not(condition),)


def _in_turn(args: tuple[ast.Node, ...], known: Known, then: Callable[[ast.Node], Known]) -> Iterator[Partial]:
    """The parts of `and` and `or`: each is asked only where those before it left it open."""
    for arg in args:
        yield from _within(arg, known)
        known = (*known, *then(arg))


def _fault(node: ast.Node, known: Known) -> Partial | None:
    match node:
        case ast.Arith(op="/" | "%", right=right) if not _all(right, known, _is_not_zero):
            return Partial(node, right, "is 0", _guard("{0} != 0", right))
        case ast.Call(fn=fn) if fn in _FAULTS and fn in REGISTRY:
            for name, fits, fault, guard in _FAULTS[fn]:
                operand = _argument(node, name)
                if operand is not None and not _all(operand, known, fits):
                    return Partial(node, operand, fault, _guard(guard, operand))
            return None
        case _:
            return None


def _guard(asked: str, operand: ast.Node) -> str:
    return asked.format(unparse(operand))


def _argument(node: ast.Call, name: str) -> ast.Node | None:
    """Return the argument of that name; None where it is left out, and takes a default that fits."""
    given = next((each.value for each in node.named if isinstance(each, ast.Named) and each.name == name), None)
    position = [param.name for param in REGISTRY[node.fn].params].index(name)
    return given if given is not None else node.args[position] if position < len(node.args) else None


Fits = Callable[[ast.Node, Known], bool]


def _all(node: ast.Node, known: Known, fits: Fits) -> bool:
    """Whether every value that an operand may come from fits; a null makes the whole null."""
    match node:
        case ast.Constant(value=None):
            return True
        case _ if fits(node, known):
            return True
        case ast.Fallback(args=args):
            return all(_all(each, known, fits) for each in args)
        case ast.Call(fn="if", args=(condition, then, *orelse)):
            return _all(then, (*known, condition), fits) and all(
                _all(each, (*known, *refuted(condition)), fits) for each in orelse
            )
        case _:
            return False


def _holds(known: Known, condition: ast.Node) -> bool:
    return any(implies(each, condition) for each in known)


def _is_not_zero(node: ast.Node, known: Known) -> bool:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number != 0
        case ast.Minus(of=of):
            return _is_not_zero(of, known)
        case _ if _is_positive(node, known):
            return True
        case _:
            asked = (ast.Compare("!=", node, _ZERO), ast.Compare("<", node, _ZERO))
            return any(_holds(known, each) for each in asked)


def _is_not_negative(node: ast.Node, known: Known) -> bool:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number >= 0
        case ast.Call(fn=fn) if fn in _COUNTS:
            return True
        case ast.Call(fn="max", args=args):
            return any(_is_not_negative(each, known) for each in args)
        case ast.Call(fn="clamp", args=(_, low, _)):
            return _is_not_negative(low, known)
        case ast.Arith(op="+" | "*", left=left, right=right):
            return _all(left, known, _is_not_negative) and _all(right, known, _is_not_negative)
        case ast.Arith(op="-", left=left, right=right) if _holds(known, ast.Compare(">=", left, right)):
            return True
        case _:
            return _holds(known, ast.Compare(">=", node, _ZERO))


def _is_positive(node: ast.Node, known: Known) -> bool:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number > 0
        case ast.Call(fn="max", args=args):
            return any(_is_positive(each, known) for each in args)
        case ast.Call(fn="clamp", args=(_, low, _)):
            return _is_positive(low, known)
        case _:
            return _holds(known, ast.Compare(">", node, _ZERO))


def _is_not_empty(node: ast.Node, known: Known) -> bool:
    match node:
        case ast.Constant(value=str() as text):
            return text != ""
        case ast.Call(fn="concat", args=args):
            return any(_is_not_empty(each, known) for each in args)
        case _:
            length = ast.Call("length", (node,))
            asked = (
                ast.Compare("!=", node, _EMPTY),
                ast.Compare(">", length, _ZERO),
                ast.Not(ast.Call("is_blank", (node,))),
            )
            return any(_holds(known, each) for each in asked)


def _is_one_character(node: ast.Node, known: Known) -> bool:
    match node:
        case ast.Constant(value=str() as text):
            return len(text) == 1
        case _:
            return _holds(known, ast.Compare("==", ast.Call("length", (node,)), ast.Constant(1)))


def _is_digits(node: ast.Node, _: Known) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int) and 0 <= node.value <= MAX_DIGITS


def _is_read(node: ast.Node, known: Known) -> bool:
    """Whether a text is written out, which is tried when the mapping is compiled, or was asked for its form."""
    if isinstance(node, ast.Constant):
        return True
    return any(
        isinstance(each, ast.Call) and each.fn in ("matches", "starts_with") and each.args[:1] == (node,)
        for condition in known
        for each in _conjuncts(condition)
    )


def _is_written(node: ast.Node, _: Known) -> bool:
    match node:
        case ast.Constant():
            return True
        case ast.Minus(of=of):
            return isinstance(of, ast.Constant)
        case _:
            return False


def _conjuncts(condition: ast.Node) -> Iterator[ast.Node]:
    if isinstance(condition, ast.And):
        for each in condition.args:
            yield from _conjuncts(each)
    else:
        yield condition


_DAY = "^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}"
_Fault = tuple[str, Fits, str, str]


def _asks(name: str, fits: Fits, fault: str, guard: str) -> tuple[_Fault, ...]:
    return ((name, fits, fault, guard),)


# By function: the parameter, what fits it, what is said of a value that does not, a condition that keeps it away.
_FAULTS: dict[str, tuple[_Fault, ...]] = {
    "replace": _asks("old", _is_not_empty, "is empty", "{0} != ''"),
    "split": _asks("separator", _is_not_empty, "is empty", "{0} != ''"),
    "substring": (
        *_asks("start", _is_not_negative, "is negative", "{0} >= 0"),
        *_asks("length", _is_not_negative, "is negative", "{0} >= 0"),
    ),
    "truncate": _asks("length", _is_not_negative, "is negative", "{0} >= 0"),
    "pad_left": _asks("fill", _is_one_character, "is not one character", "length({0}) == 1"),
    "pad_right": _asks("fill", _is_one_character, "is not one character", "length({0}) == 1"),
    "bucket": _asks("size", _is_positive, "is not above 0", "{0} > 0"),
    "round": _asks("digits", _is_digits, "is out of range", "{0} == 2"),
    "format_number": _asks("digits", _is_digits, "is out of range", "{0} == 2"),
    "add_days": _asks("days", _is_written, "leads out of the calendar", "{0} in [7, 14]"),
    "int": _asks("text", _is_read, "is no whole number", "matches({0}, '^-?[0-9]{{1,18}}$')"),
    "num": _asks("text", _is_read, "is no number", "matches({0}, '^-?[0-9]{{1,15}}([.][0-9]{{1,15}})?$')"),
    "date": _asks("text", _is_read, "is no date", f"matches({{0}}, '{_DAY}$')"),
    "datetime": _asks("text", _is_read, "is no date and time", f"matches({{0}}, '{_DAY}T')"),
    "https": _asks("url", _is_read, "is no web address", "matches({0}, '^https?://')"),
}
