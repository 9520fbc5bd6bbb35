"""Find what fails whatever the event holds: what is written out is evaluated while the mapping is compiled."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from typing import Final

from queast_compiler.codegen.analysis import children
from queast_compiler.codegen.interpret import Interpreter
from queast_compiler.codegen.record import Failed
from queast_compiler.passes.expressions.value import Value
from queast_compiler.plan import ir
from queast_dsl.functions import FunctionError
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


def certain_failure(made: ir.Call | ir.Arith | ir.Neg, parts: tuple[Value, ...]) -> str | None:
    """Return why a call or a calculation fails for every event, None where it may succeed.

    `5 % 0`  ->  "division by zero";  `replace(x, '', 'b')`  ->  "the text to replace is empty"

    What comes from the event is replaced by ordinary values; if not even these succeed, what is written out is wrong.
    """
    written = [_is_written_out(part.ir) for part in parts]
    if not any(written):
        return None
    reason: str | None = None
    for attempt in range(1 if all(written) else _TRIES):
        stand_ins = [
            part.ir if is_written else _ordinary(part.type, attempt)
            for part, is_written in zip(parts, written, strict=True)
        ]
        arguments = [each for each in stand_ins if each is not None]
        if len(arguments) < len(stand_ins):
            return None
        failed = _failure(_with(made, arguments))
        if failed is None:
            return None
        reason = reason or failed
    return reason


def _failure(expr: ir.Expr) -> str | None:
    try:
        Interpreter({}).expression(expr)({}, _NOW)
    except (FunctionError, Failed) as error:
        return error.reason
    except Exception as error:  # noqa: BLE001 - functions raise FunctionError only; a bug of ours ends no check
        what = f"`{expr.fn}`" if isinstance(expr, ir.Call) else "a calculation"
        warnings.warn(f"a bug in {what}: {type(error).__name__}", RuntimeWarning, stacklevel=2)
    return None


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


def _is_written_out(expr: ir.Expr) -> bool:
    match expr:
        case ir.Lit():
            return True
        case ir.Call() | ir.Arith() | ir.Neg() | ir.MakeList():
            return all(_is_written_out(part) for part, _ in children(expr))
        case _:
            return False


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
