"""The reference semantics once more, with a count of how often each node was evaluated and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from queast_compiler.codegen.interpret import Eval, Interpreter, Scope, Tables
from queast_compiler.plan import ir


@dataclass(slots=True)
class Count:
    """Of one node: evaluations that gave a value, those of them that gave null, true and anything else."""

    all: int = 0
    null: int = 0
    true: int = 0

    @property
    def other(self) -> int:
        return self.all - self.null - self.true


class CountingInterpreter(Interpreter):
    """`counts` are by the identity of nodes: two that are equal are counted apart. They must outlive it."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._counts: dict[int, Count] = {}

    def of(self, node: ir.Expr) -> Count:
        return self._counts.get(id(node), Count())

    def _closure(self, expr: ir.Expr) -> Eval:
        inner, count = super()._closure(expr), self._counts.setdefault(id(expr), Count())

        def counted(scope: Scope, now: datetime) -> Any:
            value = inner(scope, now)
            count.all += 1
            if value is None:
                count.null += 1
            elif value is True:
                count.true += 1
            return value

        return counted


@dataclass(frozen=True, slots=True)
class Branch:
    """One way that an expression can go. `line` is 0 where the node has none; `taken` how often it went so."""

    line: int
    what: str
    taken: int


def branches(expr: ir.Expr, counts: CountingInterpreter) -> tuple[Branch, ...]:
    """Return the ways of all choices in an expression, outer ones first."""
    own = _ways(expr, counts)
    return (*own, *(way for child in children(expr) for way in branches(child, counts)))


def _ways(expr: ir.Expr, counts: CountingInterpreter) -> tuple[Branch, ...]:
    of, line = counts.of, getattr(expr, "line", 0)
    match expr:
        case ir.If(cond, _, _):
            seen = of(cond)
            return Branch(line, "if true", seen.true), Branch(line, "if not true", seen.all - seen.true)
        case ir.Switch(_, arms, orelse):
            fits = [Branch(line, f"case {_shown(lit.value)}", of(result).all) for lit, result in arms]
            rest = of(expr).all - sum(each.taken for each in fits) if orelse is None else of(orelse).all
            return (*fits, Branch(line, "case else", max(rest, 0)))
        case ir.Coalesce(args):
            found = [of(arg) for arg in args]
            ways = [Branch(line, f"choice {n} of ??", each.all - each.null) for n, each in enumerate(found, 1)]
            last = args[-1]
            # Whatever ends in a value always gives one; else nothing at all is a way of its own.
            is_surely = isinstance(last, ir.Lit) or (isinstance(last, ir.Path) and not last.nullable)
            return tuple(ways) if is_surely else (*ways, Branch(line, "nothing of ??", found[-1].null))
        case ir.Lookup(table, key, orelse):
            keyed = of(key).all - of(key).null
            missed = of(expr).null - of(key).null if orelse is None else of(orelse).all
            return (
                Branch(line, f"row of {table}", max(keyed - missed, 0)),
                Branch(line, f"no row of {table}", max(missed, 0)),
            )
        case _:
            return ()


def _shown(value: ir.Scalar) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value).lower()


def children(expr: ir.Expr) -> tuple[ir.Expr, ...]:
    """Return the nodes right inside a node."""
    match expr:
        case ir.Lit() | ir.Path() | ir.Now():
            return ()
        case ir.Index(of=of) | ir.Project(of=of) | ir.Not(of=of) | ir.Neg(of=of) | ir.Present(of=of):
            return (of,)
        case ir.Call(args=args) | ir.Coalesce(args=args) | ir.And(args=args) | ir.Or(args=args):
            return args
        case ir.If(cond, then, orelse):
            return (cond, then, orelse)
        case ir.Switch(subject, arms, orelse):
            return (subject, *(result for _, result in arms), *(() if orelse is None else (orelse,)))
        case ir.Lookup(_, key, orelse):
            return (key, *(() if orelse is None else (orelse,)))
        case ir.Compare(_, left, right) | ir.Arith(_, left, right):
            return (left, right)
        case ir.In(item, items):
            return (item, items)
        case ir.Concat(parts=parts):
            return parts
        case ir.Each(_, items, body) | ir.Repeat(_, items, body):
            return (items, body)
        case ir.MakeList(items=made):
            return made
        case ir.MakeObj(entries=entries):
            return tuple(value for _, value in entries)


def tables_of(rows: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> Mapping[str, Mapping[str, str]]:
    """Return a plan's tables as the interpreter reads them."""
    return {name: dict(table) for name, table in rows}
