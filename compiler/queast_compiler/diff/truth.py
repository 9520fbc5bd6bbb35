"""Whether a condition takes what another refuses, asked for every value that tells their parts apart.

Paths that are compared with constants get each constant, what lies between, below and above them, and null; of what
else is asked nobody knows anything but that the same words give the same answer.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise, product
from math import ceil, floor, prod
from typing import Any, Final

from queast_compiler.codegen.analysis import nullable
from queast_compiler.diff.placeless import meaning
from queast_compiler.plan.ir import CHANGED, And, Compare, Expr, In, Lit, MakeList, Not, Or, Path, Present

# Answers that are tried at most for a pair of conditions.
MOST_ROWS: Final = 8_192
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TURNED: Final[Mapping[str, str]] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_COMPARABLE: Final = ("str", "int", "num", "bool")

Value = str | int | float | bool | None
_PathKey = tuple[str, tuple[str, ...]]


class _Fails(Exception):
    """No answer comes of it, and the event is not let through."""


_FAILS: Final = _Fails()


def table(before: Expr, after: Expr) -> tuple[bool, bool] | None:
    """Return (whether `after` takes something that `before` refuses, the other way round).

    None where too much would have to be asked. What may be out of reach of events is asked too, so that a yes may be
    one of nothing; a no is certain.
    """
    atoms = Atoms()
    asked = [atoms.closure(each) for each in (before, after)]
    if atoms.rows() > MOST_ROWS:
        return None
    gained = lost = False
    for row in atoms.grid():
        was, is_now = (_lets(each, row) for each in asked)
        gained, lost = gained or (is_now and not was), lost or (was and not is_now)
    return gained, lost


def _lets(asked: _Asked, row: _Row) -> bool:
    try:
        return asked(row) is True
    except _Fails:
        return False


_Row = Mapping[Hashable, Any]
_Asked = Callable[[_Row], Any]


@dataclass(slots=True)
class Atoms:
    """What a pair of conditions asks: paths with the constants that they are compared with, and what is not seen into.

    `opaque` holds for each whether it may be null.
    """

    kinds: dict[_PathKey, str] = field(default_factory=dict)
    constants: dict[_PathKey, set[Any]] = field(default_factory=dict)
    with_null: set[_PathKey] = field(default_factory=set)
    opaque: dict[Hashable, bool] = field(default_factory=dict)

    def closure(self, expr: Expr) -> _Asked:
        """Return what a condition answers to a row of the grid: true, false or null. Raises `_Fails`."""
        match expr:
            case Lit(value):
                return lambda _: value
            case And(args=args):
                return _until(False, [self.closure(each) for each in args])
            case Or(args=args):
                return _until(True, [self.closure(each) for each in args])
            case Not(of=of):
                inner = self.closure(of)
                return lambda row: None if (value := inner(row)) is None else not value
            case Path(kind="bool"):
                return self._path(expr, ())
            case Present(of=Path() as path) if path.kind in _COMPARABLE:
                read = self._path(path, ())
                return lambda row: read(row) is not None
            case Compare(op=op, left=Path() as path, right=Lit(value=value)) if _fits(path, value):
                return self._compared(path, op, value)
            case Compare(op=op, left=Lit(value=value), right=Path() as path) if _fits(path, value):
                return self._compared(path, _TURNED.get(op, op), value)
            case In(item=Path() as path, items=MakeList(items=items)) if _all_fit(path, items):
                values = [each.value for each in items if isinstance(each, Lit)]
                read = self._path(path, values)
                return lambda row: None if (value := read(row)) is None else value in values
            case _:
                return self._opaque(expr)

    def _compared(self, path: Path, op: str, bound: Any) -> _Asked:
        read, holds = self._path(path, (bound,)), _COMPARE[op]
        return lambda row: None if (value := read(row)) is None else holds(value, bound)

    def _path(self, path: Path, constants: Any) -> _Asked:
        key = (path.root, path.steps)
        self.kinds[key] = path.kind
        self.constants.setdefault(key, set()).update(constants)
        if path.nullable:
            self.with_null.add(key)
            return lambda row: row[key]
        return lambda row: _there(row[key])

    def _opaque(self, expr: Expr) -> _Asked:
        key = meaning(expr)
        self.opaque[key] = nullable(expr)

        def run(row: _Row) -> Any:
            value = row[key]
            if value is _FAILS:
                raise _FAILS
            return value

        return run

    def rows(self) -> int:
        return prod(len(values) for _, values in self._columns())

    def grid(self) -> Iterator[_Row]:
        columns = list(self._columns())
        for values in product(*(each for _, each in columns)):
            yield dict(zip((key for key, _ in columns), values, strict=True))

    def values(self, key: _PathKey) -> list[Value]:
        """Return the values of a path that tell its constants apart."""
        kind, constants = self.kinds[key], self.constants[key]
        found: list[Value]
        match kind:
            case "bool":
                found = [False, True]
            case "str":
                found = list(_texts(sorted(constants)))
            case _:
                found = list(_numbers(sorted(constants), whole=kind == "int"))
        # A path that is nowhere said to be absent is always there, by the schema.
        return [None, *found] if key in self.with_null and key[0] != CHANGED else found

    def _columns(self) -> Iterator[tuple[Hashable, list[Any]]]:
        for key in self.kinds:
            yield key, self.values(key)
        for each, may_be_null in self.opaque.items():
            yield each, [False, True, _FAILS, *([None] if may_be_null else [])]


def _fits(path: Path, value: Any) -> bool:
    match path.kind:
        case "str":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "int" | "num":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return False


def _all_fit(path: Path, items: tuple[Expr, ...]) -> bool:
    return all(isinstance(each, Lit) and _fits(path, each.value) for each in items)


def _there(value: Any) -> Any:
    """The value of a path that is promised to be there: where it is not, nothing comes of the event."""
    if value is None:
        raise _FAILS
    return value


def _until(decisive: bool, asked: list[_Asked]) -> _Asked:
    """`and` and `or` as they run: from the left, until one decides."""

    def run(row: _Row) -> Any:
        unknown = False
        for each in asked:
            value = each(row)
            if value is decisive:
                return decisive
            unknown = unknown or value is None
        return None if unknown else not decisive

    return run


def _texts(constants: list[str]) -> Iterator[str]:
    """Each text, what comes right after it, and what comes before them all."""
    yield from dict.fromkeys(("", *(each for text in constants for each in (text, f"{text}\0"))))


def _numbers(constants: list[Any], *, whole: bool) -> Iterator[int | float]:
    """Each number, one between each two, one below and one above."""
    if not constants:
        yield 0
        return
    low, high = constants[0], constants[-1]
    yield ceil(low) - 1 if whole else low - max(1.0, abs(low))
    yield from (each for each in constants if not whole or each == floor(each))
    for one, other in pairwise(constants):
        between = floor(one) + 1 if whole else (one + other) / 2
        if one < between < other:
            yield between
    yield floor(high) + 1 if whole else high + max(1.0, abs(high))
