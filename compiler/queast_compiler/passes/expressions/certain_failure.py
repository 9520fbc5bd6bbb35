"""Find what fails whatever the event holds: what is written out is evaluated while the mapping is compiled."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from typing import Any, Final

from queast_compiler.codegen.interpret import Interpreter
from queast_compiler.codegen.record import Failed
from queast_compiler.passes.expressions.value import Scope, Value
from queast_compiler.passes.expressions.work import EVALUATION, Work, of_call
from queast_compiler.plan import ir
from queast_dsl.expr import ast
from queast_dsl.functions import REGISTRY, FunctionError
from queast_dsl.types import (
    BoolType,
    DatetimeType,
    DateType,
    EnumType,
    IntType,
    ListType,
    NumType,
    StrType,
    Type,
    is_text,
)

_NOW: Final = datetime(2026, 1, 31, tzinfo=UTC)
_TEXTS: Final = ("a", "", "2026-01-31")
_INTEGERS: Final = (1, 0, 1000)
_NUMBERS: Final = (1.5, 0.0, 1000.0)
_TRIES: Final = 3


def certain_failure(
    made: ir.Call | ir.Arith | ir.Neg, parts: tuple[Value, ...], at: ast.Range, scope: Scope
) -> str | None:
    """Return why a call or a calculation fails for every event, None where it may succeed.

    `5 % 0`  ->  "division by zero";  `replace(x, '', 'b')`  ->  "the text to replace is empty"

    What comes from the event is replaced by ordinary values; if not even these succeed, what is written out is wrong.
    What is written out as a whole is worked out once: the scope keeps the result for the calls around it.
    """
    given = [_given(part.ir, scope) for part in parts]
    if all(each is None for each in given):
        return None
    is_whole = None not in given
    if not is_whole and isinstance(made, ir.Call) and REGISTRY[made.fn].total:
        return None
    reason: str | None = None
    for attempt in range(1 if is_whole else _TRIES):
        stand_ins = [each or _ordinary(part.type, attempt) for part, each in zip(parts, given, strict=True)]
        arguments = [each for each in stand_ins if each is not None]
        if len(arguments) < len(stand_ins):
            return None
        values = [each.value for each in arguments if isinstance(each, ir.Lit)]
        steps = EVALUATION + of_call(REGISTRY[made.fn] if isinstance(made, ir.Call) else None, values)
        if not scope.spend(Work.CALLS, steps, at):
            return None
        match _worked_out(_with(made, arguments)):
            case ir.Lit() as result:
                if is_whole:
                    scope.report_to.results[id(made)] = (made, result)
                return None
            case failed:
                reason = reason or failed
    return reason


def _given(expr: ir.Expr, scope: Scope) -> ir.Lit | None:
    """Return what a part gives where nothing in it comes from the event, None where something does."""
    match expr:
        case ir.Lit():
            return expr
        case ir.MakeList(items):
            given = [_given(item, scope) for item in items]
            literals = [each for each in given if each is not None]
            made = _worked_out(ir.MakeList(tuple(literals))) if len(literals) == len(given) else None
            return made if isinstance(made, ir.Lit) else None
        case _:
            _, result = scope.report_to.results.get(id(expr), (None, None))
            return result


def _literal(value: Any) -> ir.Lit:
    """Only the interpreter sees it, which takes a literal's value as it is: a list, a date."""
    return ir.Lit(value)


def _worked_out(expr: ir.Expr) -> ir.Lit | str:
    """Return what an expression gives, or why it fails."""
    try:
        return _literal(Interpreter({}).expression(expr)({}, _NOW))
    except (FunctionError, Failed) as error:
        return error.reason
    except Exception as error:  # noqa: BLE001 - functions raise FunctionError only; a bug of ours ends no check
        what = f"`{expr.fn}`" if isinstance(expr, ir.Call) else "a calculation"
        warnings.warn(f"a bug in {what}: {type(error).__name__}", RuntimeWarning, stacklevel=2)
    return _literal(None)


def _with(made: ir.Call | ir.Arith | ir.Neg, arguments: list[ir.Expr]) -> ir.Expr:
    match made:
        case ir.Call(fn):
            return ir.Call(fn, tuple(arguments))
        case ir.Arith(op):
            left, right = arguments
            return ir.Arith(op, left, right)
        case ir.Neg():
            (of,) = arguments
            return ir.Neg(of)


def _ordinary(type_: Type, attempt: int) -> ir.Expr | None:
    match type_:
        case EnumType(values=values):
            return ir.Lit(values[attempt % len(values)] if values else "a")
        case StrType():
            return ir.Lit(_TEXTS[attempt])
        case IntType():
            return ir.Lit(_INTEGERS[attempt])
        case NumType():
            return ir.Lit(_NUMBERS[attempt])
        case BoolType():
            return ir.Lit(attempt == 0)
        case DateType():
            return ir.Call("date", (ir.Lit("2026-01-31"),))
        case DatetimeType():
            return ir.Call("datetime", (ir.Lit("2026-01-31T12:00:00Z"),))
        case ListType(item=item) if is_text(item):
            return ir.MakeList((ir.Lit("a"),))
        case _:
            return None
