"""What a function makes of a value out of a closed list is a closed list again."""

from __future__ import annotations

from typing import Any

from queast_compiler.codegen.functions import lifts_at
from queast_compiler.passes.expressions.value import Scope, Value
from queast_compiler.passes.expressions.work import TRIAL, Work, of_call
from queast_compiler.plan.ir import Lit
from queast_dsl.expr import ast
from queast_dsl.functions import Function, FunctionError
from queast_dsl.types import EnumType

# Larger lists are no options that somebody would compare one by one.
_MOST_VALUES = 200


def closed_result(function: Function, values: list[Value], at: ast.Range, scope: Scope) -> EnumType | None:
    """Return the texts that can come out, None where they are not to be listed.

    `upper(signal.state)`  ->  one of 'ACTIVE', 'COOLED_OFF', 'SUPPRESSED'

    The function is asked for each of the values while the mapping is compiled; the other arguments are written out. A
    value that it cannot work on fails at run time, and nothing comes out for it.
    """
    subject, *others = values
    written: list[Any] = [each.ir.value for each in others if isinstance(each.ir, Lit)]
    if (
        function.returns != "str"
        or not isinstance(subject.type, EnumType)
        or isinstance(subject.ir, Lit)
        or len(written) < len(others)
        or len(subject.type.values) > _MOST_VALUES
        or (subject.nullable and not lifts_at(function, 0))
    ):
        return None
    made: dict[str, None] = {}
    for value in subject.type.values:
        if not scope.spend(Work.CALLS, TRIAL + of_call(function, (value, *written)), at):
            return None
        try:
            result = function.python(value, *written)
        except FunctionError:
            continue
        if isinstance(result, str):
            made[result] = None
    return EnumType(tuple(made)) if made else None
