"""`changed(path)`: whether a field differs from what the route last delivered."""

from __future__ import annotations

from queast_compiler.passes.expressions.value import Infer, Scope, Value, combine, object_in, unknown
from queast_compiler.plan.ir import CHANGED, Path
from queast_dsl.expr import ast
from queast_dsl.types import BoolType, describe


def changed(node: ast.Call, scope: Scope, infer: Infer) -> Value:
    """`changed(company.domain)`  ->  true or false, never null, answered by the engine under `ir.CHANGED`.

    Only what the event itself holds at a path can be compared; the keyed hash of each such value is kept with what
    was delivered.
    """
    line = scope.line(node.at)
    argument = node.args[0]
    value = infer(argument, scope)
    if not value.known:
        return value
    spelling = scope.spelling(argument.at)
    path = _dotted(value, scope)
    if not scope.env.remembers:
        scope.report(
            "QM234",
            "nothing is delivered here, so nothing can have changed since",
            node.at,
            "ask it in a route, such as its `when`",
        )
    elif path is None:
        scope.report(
            "QM234",
            f"`changed` takes a field of the event, and `{spelling}` is none",
            argument.at,
            "name the field itself, such as changed(company.domain)",
        )
    elif (shape := object_in(value.type)) is not None:
        scope.report(
            "QM234",
            f"`{spelling}` is {describe(value.type)}, and `changed` compares single fields",
            argument.at,
            f"name a field of it: changed({spelling}.…)" if shape is value.type else None,
        )
    elif path.rpartition(".")[2] == "sequence":
        scope.report("QM227", f"`{spelling}` changes with every event", node.at, "remove the question")
    else:
        answer = Path(CHANGED, (path,), "bool", (False,), line)
        return combine(answer, BoolType(), False, (value,))
    return unknown(line)


def _dotted(value: Value, scope: Scope) -> str | None:
    match value.ir:
        case Path(root=root, steps=steps) if root in scope.env.roots and not value.projecting:
            return ".".join((root, *steps))
        case _:
            return None
