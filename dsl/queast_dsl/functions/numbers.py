"""Functions on numbers. Rounding is half to even only where said; `round` rounds half away from zero."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from queast_dsl.functions.model import INT_BOUND, Cleared, Example, Function, FunctionError, Param, bounded

_NUMBER = Param("number", "num")
MAX_DIGITS: Final = 10
_MAX_NUMBER_TEXT: Final = 40
# 19 digits before the point and 10 after it, which is more than Python's own 28.
_WIDE: Final = Context(prec=40, rounding=ROUND_HALF_UP)


def _finite(number: float) -> float:
    if isinstance(number, float) and not math.isfinite(number):
        raise FunctionError("the number is not finite")
    return number


def _digits(digits: int) -> int:
    if not 0 <= digits <= MAX_DIGITS:
        raise FunctionError(f"digits are 0 to {MAX_DIGITS}")
    return digits


def _in_range(number: float) -> float:
    if not -INT_BOUND <= _finite(number) < INT_BOUND:
        raise FunctionError("the number is out of range")
    return number


def _rounded(number: float, digits: int) -> Decimal:
    # A large float is a whole number, all of whose digits count; of a fraction those count that people read.
    exact = Decimal(int(number)) if _in_range(number) == math.floor(number) else Decimal(repr(number))
    rounded = exact.quantize(Decimal(1).scaleb(-_digits(digits)), context=_WIDE)
    # What is rounded to nothing has no sign: `-0.00` is no amount.
    return rounded if rounded else rounded.copy_abs()


def _round(number: float, digits: int = 0) -> float:
    return float(_rounded(number, digits))


def _whole(number: float) -> int:
    return int(_in_range(number))


def _floor(number: float) -> int:
    return _whole(math.floor(_finite(number)))


def _ceil(number: float) -> int:
    return _whole(math.ceil(_finite(number)))


def _round_int(number: float) -> int:
    return _whole(int(_rounded(number, 0)))


def _abs(number: float) -> float:
    # The smallest integer has no counterpart above 0.
    return abs(number) if isinstance(number, float) else _whole(abs(number))


def _int(text: str) -> int:
    stripped = text.strip()
    digits = stripped[1:] if stripped[:1] in ("+", "-") else stripped
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 19:
        raise FunctionError("the text is no whole number")
    return _whole(int(stripped))


def _num(text: str) -> float:
    stripped = text.strip()
    digits = stripped[1:] if stripped[:1] in ("+", "-") else stripped
    whole, point, fraction = digits.partition(".")
    readable = whole.isascii() and whole.isdigit() and (not point or (fraction.isascii() and fraction.isdigit()))
    if not readable or len(stripped) > _MAX_NUMBER_TEXT:
        raise FunctionError("the text is no number")
    return float(stripped)


def _format_number(number: float, digits: int = 0, group: str = "", point: str = ".") -> str:
    whole, dot, fraction = f"{_rounded(number, digits):,f}".partition(".")
    return bounded(f"{group.join(whole.split(','))}{point if dot else ''}{fraction}")


def _min(*numbers: float) -> float:
    return min(numbers)


def _max(*numbers: float) -> float:
    return max(numbers)


def _clamp(number: float, low: float, high: float) -> float:
    return max(low, min(high, number))


def _bucket(number: float, size: int) -> int:
    if size <= 0:
        raise FunctionError("the size of a bucket is positive")
    # Of whole numbers only: a float holds no more than 53 bits of an integer's 63.
    return _whole(math.floor(_finite(number)) // size * size)


FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        "round",
        "numbers",
        (_NUMBER, Param("digits", "int", optional=True, default=0)),
        "num",
        _round,
        "Rounded to digits after the point, a half away from zero.",
        (Example("round(2.345, 2)", 2.35), Example("round(2.5)", 3.0)),
        total=False,
        bound="fixed",
    ),
    Function(
        "round_int",
        "numbers",
        (_NUMBER,),
        "int",
        _round_int,
        "Rounded to a whole number, a half away from zero.",
        (Example("round_int(2.5)", 3),),
        total=False,
        bound="fixed",
    ),
    Function(
        "floor",
        "numbers",
        (_NUMBER,),
        "int",
        _floor,
        "The next whole number below.",
        (Example("floor(2.9)", 2),),
        total=False,
        bound="fixed",
    ),
    Function(
        "ceil",
        "numbers",
        (_NUMBER,),
        "int",
        _ceil,
        "The next whole number above.",
        (Example("ceil(2.1)", 3),),
        total=False,
        bound="fixed",
    ),
    Function(
        "abs",
        "numbers",
        (_NUMBER,),
        "same",
        _abs,
        "The number without its sign.",
        (Example("abs(-3)", 3),),
        total=False,
        bound="fixed",
    ),
    Function(
        "min",
        "numbers",
        (Param("numbers", "num", variadic=True),),
        "num",
        _min,
        "The smallest of the numbers.",
        (Example("min(3, 2)", 2),),
        bound="fixed",
    ),
    Function(
        "max",
        "numbers",
        (Param("numbers", "num", variadic=True),),
        "num",
        _max,
        "The largest of the numbers.",
        (Example("max(3, 2)", 3),),
        bound="fixed",
    ),
    Function(
        "clamp",
        "numbers",
        (_NUMBER, Param("low", "num"), Param("high", "num")),
        "num",
        _clamp,
        "The number, but not below `low` and not above `high`.",
        (Example("clamp(120, 0, 100)", 100),),
        bound="fixed",
    ),
    Function(
        "bucket",
        "numbers",
        (_NUMBER, Param("size", "int")),
        "int",
        _bucket,
        "The lower end of the range that the number falls in. Of a field, from size 10 on, it no longer identifies.",
        (Example("bucket(147, 50)", 100),),
        total=False,
        declassifies=Cleared(frozenset({"business_contact", "sensitive"}), numeric=True, at_least=10),
        bound="fixed",
    ),
    Function(
        "int",
        "numbers",
        (Param("text", "str"),),
        "int",
        _int,
        "The whole number that a text is.",
        (Example("int(' 42 ')", 42),),
        total=False,
        bound="fixed",
    ),
    Function(
        "num",
        "numbers",
        (Param("text", "str"),),
        "num",
        _num,
        "The number that a text is, with a decimal point.",
        (Example("num('-1.5')", -1.5),),
        total=False,
        bound="fixed",
    ),
    Function(
        "format_number",
        "numbers",
        (
            _NUMBER,
            Param("digits", "int", optional=True, default=0),
            Param("group", "str", optional=True, default=""),
            Param("point", "str", optional=True, default="."),
        ),
        "str",
        _format_number,
        "Written with digits after the point and a sign between thousands.",
        (
            Example("format_number(1234567.5, 1, ' ', ',')", "1 234 567,5"),
            Example("format_number(1234, group = '.')", "1.234"),
        ),
        total=False,
        bound="text",
    ),
)
