"""How both back ends call the language's functions."""

from __future__ import annotations

from typing import Final

from queast_compiler.codegen.record import Failed
from queast_compiler.plan.ir import Kind
from queast_dsl.functions import Function, FunctionError, Param

RETURNED_KINDS: Final[dict[str, Kind]] = {
    "str": "str",
    "int": "int",
    "num": "num",
    "bool": "bool",
    "date": "date",
    "datetime": "datetime",
    "list_str": "list",
}


def parameter(function: Function, position: int) -> Param:
    """Return the parameter that an argument is for; a variadic one takes all that are left."""
    return function.params[min(position, len(function.params) - 1)]


def lifts_at(function: Function, position: int) -> bool:
    """Say whether a null argument at `position` makes the result null without a call."""
    return function.lifts and not parameter(function, position).optional


def reason_of(error: Exception) -> str:
    """Return why a field failed, fit to be shown: Python's own messages may hold values of the event."""
    return error.reason if isinstance(error, Failed | FunctionError) else f"unexpected {type(error).__name__}"
