"""One walk over the tree: types, nulls and labels upwards, facts downwards, IR on the way."""

from __future__ import annotations

from typing import assert_never

from queast_compiler.passes.expressions import operators, paths
from queast_compiler.passes.expressions.calls import call
from queast_compiler.passes.expressions.forms import form, null_literal, typed_literal
from queast_compiler.passes.expressions.value import Scope, Value, combine, unknown
from queast_compiler.plan.ir import MakeList
from queast_dsl.expr import ast
from queast_dsl.functions import FORMS
from queast_dsl.types import NULL, BoolType, EnumType, IntType, ListType, NumType, Type, describe, unify


def infer(node: ast.Node, scope: Scope) -> Value:
    """`company.employee_count / 2`  ->  a number that may be null, reading one path."""
    match node:
        case ast.Constant(value=value, at=at):
            return _constant(value, scope.line(at))
        case ast.Name():
            return paths.name(node, scope)
        case ast.Member():
            return paths.member(node, scope, infer)
        case ast.Index():
            return paths.index(node, scope, infer)
        case ast.Project():
            return paths.project(node, scope, infer)
        case ast.ListOf():
            return _list(node, scope)
        case ast.Call():
            return form(node, scope, infer) if node.fn in FORMS else call(node, scope, infer)
        case ast.Fallback(args=args, at=at):
            return operators.fallback(args, at, scope, infer)
        case ast.And() | ast.Or():
            return operators.logic(node, scope, infer)
        case ast.Not():
            return operators.negation(node, scope, infer)
        case ast.Minus():
            return operators.minus(node, scope, infer)
        case ast.Arith():
            return operators.arithmetic(node, scope, infer)
        case ast.Compare():
            return operators.comparison(node, scope, infer)
        case ast.In():
            return operators.membership(node, scope, infer)
    assert_never(node)


def _constant(value: ast.Scalar, line: int) -> Value:
    match value:
        case None:
            return null_literal(line)
        case bool():
            return typed_literal(value, BoolType(), line)
        case int():
            return typed_literal(value, IntType(), line)
        case float():
            return typed_literal(value, NumType(), line)
        case str():
            # A literal is the smallest enum: that is how options and comparisons are checked against it.
            return typed_literal(value, EnumType((value,)), line)
    assert_never(value)


def _list(node: ast.ListOf, scope: Scope) -> Value:
    line = scope.line(node.at)
    items = [infer(item, scope) for item in node.items]
    if not all(item.known for item in items):
        return unknown(line)
    joined: Type | None = items[0].type if items else NULL
    for item in items[1:]:
        joined = None if joined is None else unify(joined, item.type)
    if joined is None:
        kinds = ", ".join(dict.fromkeys(describe(item.type) for item in items))
        scope.report("QM226", f"the list mixes {kinds}", node.at, "all items need one type")
        return unknown(line)
    return combine(MakeList(tuple(item.ir for item in items), line), ListType(joined), False, tuple(items))
