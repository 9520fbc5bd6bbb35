"""What a text may come out as: the parts that can be its result, and how few characters it has at least."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from queast_compiler.plan import ir
from queast_dsl.document.mapping import Table
from queast_dsl.functions import FunctionError
from queast_dsl.functions.dates import shortest_date
from queast_dsl.types import EnumType, Type


def results(expr: ir.Expr) -> Iterator[ir.Expr]:
    """Yield the parts of an expression that its value can come from whole.

    `if(x, 'NO', company.country) ?? 'SE'`  ->  `'NO'`, `company.country`, `'SE'`
    """
    match expr:
        case ir.If(_, then, orelse):
            yield from results(then)
            yield from results(orelse)
        case ir.Switch(_, arms, orelse):
            for _, result in arms:
                yield from results(result)
            if orelse is not None:
                yield from results(orelse)
        case ir.Coalesce(args=args):
            for each in args:
                yield from results(each)
        case ir.Lookup(orelse=orelse):
            yield expr
            if orelse is not None:
                yield from results(orelse)
        case _:
            yield expr


def shortest_text(expr: ir.Expr, type_: Type, tables: Mapping[str, Table]) -> int:
    """Return how many characters a text has at least, where it is not null; 0 where nothing is known.

    `{{ company.name }} of Norway`  ->  10;  `if(x, 'NO', 'SWE')`  ->  2
    """
    least = _shortest(expr, tables) or 0
    if isinstance(type_, EnumType) and type_.values:
        return max(least, min(len(each) for each in type_.values))
    return least


def _shortest(expr: ir.Expr, tables: Mapping[str, Table]) -> int | None:
    """The same; None for what is always null, and so never a text."""
    match expr:
        case ir.Lit(value=str() as text):
            return len(text)
        case ir.Lit(value=None):
            return None
        case ir.If() | ir.Switch() | ir.Coalesce():
            found = [_shortest(each, tables) for each in results(expr)]
            return min((each for each in found if each is not None), default=None)
        case ir.Lookup(table=name):
            rows = tables[name].rows if name in tables else ()
            return min((len(result.value) for _, result in rows), default=0)
        case ir.Concat(parts=parts) | ir.Call(fn="concat", args=parts):
            return sum(_shortest(each, tables) or 0 for each in parts)
        case ir.Call(fn="pad_left" | "pad_right", args=(_, ir.Lit(value=int() as length), *_)):
            return max(length, 0)
        case ir.Call(fn="format_date", args=(_, ir.Lit(value=str() as pattern), *_)):
            return _of_pattern(pattern)
        case ir.Call(fn="format_date", args=(_,)):
            return len("2026-01-31")
        case _:
            return 0


def _of_pattern(pattern: str) -> int:
    try:
        return shortest_date(pattern)
    except FunctionError:
        return 0
