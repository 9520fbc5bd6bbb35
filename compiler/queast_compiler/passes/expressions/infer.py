"""One walk over the tree: types, nulls and labels upwards, facts downwards, IR on the way."""

from __future__ import annotations

from typing import assert_never

from queast_compiler.passes.expressions import comparing, operators, paths
from queast_compiler.passes.expressions.calls import call
from queast_compiler.passes.expressions.forms import form, null_literal, typed_literal
from queast_compiler.passes.expressions.lists import list_of
from queast_compiler.passes.expressions.value import Scope, Value
from queast_compiler.passes.expressions.work import Work
from queast_dsl.expr import ast
from queast_dsl.functions import FORMS
from queast_dsl.types import BoolType, EnumType, IntType, NumType


def infer(node: ast.Node, scope: Scope) -> Value:
    """`company.employee_count / 2`  ->  a number that may be null, reading one path."""
    scope.report_to.diagnostics.count(Work.PARTS, 1)
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
            return list_of(node, [infer(item, scope) for item in node.items], scope)
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
            return comparing.comparison(node, scope, infer)
        case ast.In():
            return comparing.membership(node, scope, infer)
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
