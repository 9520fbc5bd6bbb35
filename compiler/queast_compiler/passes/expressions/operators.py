"""Arithmetic, comparison, logic and fallbacks."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

from queast_compiler.passes.expressions.certain_failure import certain_failure
from queast_compiler.passes.expressions.glued import report_glued
from queast_compiler.passes.expressions.lists import joined_lists
from queast_compiler.passes.expressions.value import Infer, Scope, Value, combine, unknown
from queast_compiler.plan import ir
from queast_dsl.expr import ast
from queast_dsl.types import (
    BoolType,
    IntType,
    ListType,
    NullType,
    NumType,
    ObjectType,
    Type,
    describe,
    is_moment,
    is_number,
    is_text,
    unify,
)


def condition(node: ast.Node, scope: Scope, infer: Infer) -> Value:
    """A value as a question: true or false as it is; another optional one asks whether it is present."""
    value = infer(node, scope)
    asked = _asked(value, node, scope)
    return _report_no_question(value, node, scope) if asked is None else asked


def _asked(value: Value, node: ast.Node, scope: Scope) -> Value | None:
    """Return what a value asks, None where it asks nothing."""
    if not value.known or isinstance(value.type, BoolType):
        return value
    if not value.nullable or isinstance(value.type, NullType):
        return None
    present = presence(value, scope, scope.line(node.at))
    return replace(combine(present, BoolType(), False, (value,)), when_true=value.strict)


def _report_no_question(value: Value, node: ast.Node, scope: Scope) -> Value:
    if not value.nullable:
        scope.report(
            "QM227",
            f"`{scope.spelling(node.at)}` is {describe(value.type)} and always present, so it asks nothing",
            node.at,
            "compare it with something, or remove the condition",
        )
    else:
        scope.report("QM227", "`null` is no condition", node.at, "write true or false, or ask for a value")
    return unknown(scope.line(node.at))


def presence(value: Value, scope: Scope, line: int) -> ir.Present:
    """A root that an event may lack is there when its id is: readers put an empty object in its place."""
    match value.ir:
        case ir.Path(root=root, steps=()) if root in scope.env.optional_roots:
            return ir.Present(ir.Path(root, ("id",), "str", (True,), line), line)
        case _:
            return ir.Present(value.ir, line)


def logic(node: ast.And | ast.Or, scope: Scope, infer: Infer) -> Value:
    """Each operand knows what the ones before it asked: `a and b` reads b where a is true.

    Where a may be null, b is read for a null as well (three-valued logic looks for a decisive operand), so a proves
    nothing there.
    """
    parts: list[Value] = []
    nothing: list[tuple[Value, ast.Node]] = []
    is_choice = isinstance(node, ast.Or)
    inner = scope
    for arg in node.args:
        value = infer(arg, inner)
        is_choice = is_choice and value.known and not isinstance(value.type, BoolType)
        asked = _asked(value, arg, inner)
        if asked is None:
            nothing.append((value, arg))
        part = unknown(scope.line(arg.at)) if asked is None else asked
        parts.append(part)
        if not part.nullable:
            inner = inner.knowing(part.when_true if isinstance(node, ast.And) else part.when_false)
    if nothing and is_choice:
        _report_choice(node, nothing[0], scope)
    else:
        for value, arg in nothing:
            _report_no_question(value, arg, scope)
    if not all(part.known for part in parts):
        return unknown(scope.line(node.at))
    irs = tuple(part.ir for part in parts)
    line = scope.line(node.at)
    trues, falses = [part.when_true for part in parts], [part.when_false for part in parts]
    all_true, all_false = frozenset().union(*trues), frozenset().union(*falses)
    some_true, some_false = reduce(frozenset.intersection, trues), reduce(frozenset.intersection, falses)
    nullable = any(part.nullable for part in parts)
    if isinstance(node, ast.And):
        value = combine(ir.And(irs, line), BoolType(), nullable, tuple(parts))
        return replace(value, when_true=all_true, when_false=some_false)
    value = combine(ir.Or(irs, line), BoolType(), nullable, tuple(parts))
    return replace(value, when_true=some_true, when_false=all_false)


def _report_choice(node: ast.And | ast.Or, first: tuple[Value, ast.Node], scope: Scope) -> None:
    """`company.name or 'x'`: no operand is a question, so the first that is there was meant."""
    value, arg = first
    meant = " ?? ".join(scope.text.text[each.at.start : each.at.end] for each in node.args)
    message = f"`or` stands between conditions, and `{scope.spelling(arg.at)}` is {describe(value.type)}"
    is_short = len(meant) <= 60
    help = f"for a fallback write `{meant}`" if is_short else "a fallback is written `value ?? other`"
    scope.report("QM227", message, node.at, help, scope.writing(node.at, meant))


def negation(node: ast.Not, scope: Scope, infer: Infer) -> Value:
    value = condition(node.of, scope, infer)
    if not value.known:
        return value
    result = combine(ir.Not(value.ir, scope.line(node.at)), BoolType(), value.nullable, (value,))
    return replace(result, when_true=value.when_false, when_false=value.when_true)


def fallback(args: tuple[ast.Node, ...], at: ast.Range, scope: Scope, infer: Infer) -> Value:
    """`a ?? b`  ->  the first that is not null; a fallback behind a value that is never null is a mistake."""
    parts: list[Value] = []
    for position, arg in enumerate(args):
        part = infer(arg, scope)
        parts.append(part)
        if part.known and not part.nullable and position + 1 < len(args):
            # What stands after it is still compiled for its own mistakes, but this one is told once.
            between = scope.text.text[arg.at.end : args[position + 1].at.start].strip()
            unused = scope.spelling(args[position + 1].at)
            scope.report(
                "QM228",
                f"`{scope.spelling(arg.at)}` is never null, so the fallback is never used",
                args[position + 1].at,
                f"remove `?? {unused}`" if between == "??" else f"remove `default` and `{unused}`",
                scope.writing(ast.Range(arg.at.start, args[-1].at.end), scope.text.text[arg.at.start : arg.at.end])
                if between == "??"
                else None,
            )
            return unknown(scope.line(at))
    joined = join_branches(parts, [arg.at for arg in args], "`??`", scope)
    if joined is None:
        return unknown(scope.line(at))
    value = combine(
        ir.Coalesce(tuple(part.ir for part in parts), scope.line(at)), joined, parts[-1].nullable, tuple(parts)
    )
    return replace(value, strict=reduce(frozenset.intersection, [part.strict for part in parts]))


def join_branches(parts: list[Value], places: list[ast.Range], what: str, scope: Scope) -> Type | None:
    """Return the type that holds all branches. Different ones are reported; None then or where one is unknown."""
    if not all(part.known for part in parts):
        return None
    whole = ast.Range(places[0].start, places[-1].end)
    if (closed := joined_lists([part.type for part in parts], whole, scope)) is not None:
        return closed
    joined = parts[0].type
    for part, at in zip(parts[1:], places[1:], strict=True):
        both = unify(joined, part.type)
        if both is None:
            scope.report(
                "QM226",
                f"{what} gives {describe(joined)} and {describe(part.type)}",
                at,
                _same_type_help(joined, part.type, scope.spelling(places[0])),
                scope.writing(places[0], f"text({scope.text.text[places[0].start : places[0].end]})")
                if is_text(part.type) and not isinstance(joined, ListType | ObjectType)
                else None,
            )
            return None
        joined = both
    return joined


def _same_type_help(first: Type, second: Type, spelling: str) -> str:
    if is_text(second) and not isinstance(first, ListType | ObjectType):
        return f"all values need one type; as text: text({spelling})"
    return "all values need one type"


def arithmetic(node: ast.Arith, scope: Scope, infer: Infer) -> Value:
    if report_glued(node, scope):
        return unknown(scope.line(node.at))
    left, right = infer(node.left, scope), infer(node.right, scope)
    line = scope.line(node.at)
    if not (left.known and right.known):
        return unknown(line)
    for operand, part in ((node.left, left), (node.right, right)):
        if not is_number(part.type):
            scope.report(
                "QM223",
                f"`{node.op}` takes numbers, `{scope.spelling(operand.at)}` is {describe(part.type)}",
                operand.at,
                _arithmetic_help(node.op, part.type),
            )
            return unknown(line)
    whole = isinstance(left.type, IntType) and isinstance(right.type, IntType) and node.op != "/"
    made = ir.Arith(node.op, left.ir, right.ir, line)
    if _always_fails(made, (left, right), node.at, scope):
        return unknown(line)
    value = combine(
        made,
        IntType() if whole else NumType(),
        left.nullable or right.nullable,
        (left, right),
    )
    return replace(value, strict=left.strict | right.strict)


def _arithmetic_help(op: str, type_: Type) -> str | None:
    if is_text(type_) and op == "+":
        return "to join texts write concat(a, b) or a template"
    if is_text(type_):
        return "to read a number from text: `… | num` or `… | int`"
    if is_moment(type_):
        return "write add_days(date, n) or days_between(a, b)"
    return None


def minus(node: ast.Minus, scope: Scope, infer: Infer) -> Value:
    value = infer(node.of, scope)
    if not value.known:
        return value
    line = scope.line(node.at)
    if not is_number(value.type):
        scope.report("QM223", f"`-` takes a number, not {describe(value.type)}", node.at, None)
        return unknown(line)
    match value.ir:
        case ir.Lit(value=int() | float() as number):
            return replace(value, ir=ir.Lit(-number, line))
        case _:
            made = ir.Neg(value.ir, line)
            if _always_fails(made, (value,), node.at, scope):
                return unknown(line)
            return replace(combine(made, value.type, value.nullable, (value,)), strict=value.strict)


def _always_fails(made: ir.Arith | ir.Neg, parts: tuple[Value, ...], at: ast.Range, scope: Scope) -> bool:
    """Report a calculation that fails whatever the event holds."""
    reason = certain_failure(made, parts, at, scope)
    if reason is not None:
        scope.report("QM233", f"`{scope.spelling(at)}` fails for every event: {reason}", at, "write other numbers")
    return reason is not None
