"""Arithmetic, comparison, logic and fallbacks."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

from queast_compiler.passes.expressions.certain_failure import certain_failure
from queast_compiler.passes.expressions.value import Infer, Scope, Value, combine, unknown
from queast_compiler.plan import ir
from queast_dsl.diagnostics.model import Fix
from queast_dsl.diagnostics.nearest import nearest
from queast_dsl.expr import ast
from queast_dsl.types import (
    BoolType,
    DatetimeType,
    DateType,
    EnumType,
    IntType,
    ListType,
    NullType,
    NumType,
    ObjectType,
    StrType,
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
    if not value.known or isinstance(value.type, BoolType):
        return value
    if not value.nullable:
        scope.report(
            "QM227",
            f"`{scope.spelling(node.at)}` is {describe(value.type)} and always present, so it asks nothing",
            node.at,
            "compare it with something, or remove the condition",
        )
        return unknown(scope.line(node.at))
    if isinstance(value.type, NullType):
        scope.report("QM227", "`null` is no condition", node.at, "write true or false, or ask for a value")
        return unknown(scope.line(node.at))
    present = presence(value, scope, scope.line(node.at))
    return replace(combine(present, BoolType(), False, (value,)), when_true=value.strict)


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
    inner = scope
    for arg in node.args:
        part = condition(arg, inner, infer)
        parts.append(part)
        if not part.nullable:
            inner = inner.knowing(part.when_true if isinstance(node, ast.And) else part.when_false)
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
    reason = certain_failure(made, parts)
    if reason is not None:
        scope.report("QM233", f"`{scope.spelling(at)}` fails for every event: {reason}", at, "write other numbers")
    return reason is not None


def comparison(node: ast.Compare, scope: Scope, infer: Infer) -> Value:
    line = scope.line(node.at)
    for side, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(side, ast.Constant) and side.value is None:
            ask = "is_null" if node.op == "==" else "is_present"
            scope.report(
                "QM225",
                "a comparison with null is always null",
                node.at,
                f"to ask whether it is there: {ask}({scope.spelling(other.at)})",
                scope.writing(node.at, f"{ask}({scope.text.text[other.at.start : other.at.end]})"),
            )
            return unknown(line)
    left, right = infer(node.left, scope), infer(node.right, scope)
    if not (left.known and right.known):
        return unknown(line)
    if not comparable(left.type, right.type, node.left.at, node.right.at, scope, node.op in ("==", "!=")):
        return unknown(line)
    value = combine(
        ir.Compare(node.op, left.ir, right.ir, line), BoolType(), left.nullable or right.nullable, (left, right)
    )
    return _strictly(value, left, right)


def membership(node: ast.In, scope: Scope, infer: Infer) -> Value:
    item, items = infer(node.item, scope), infer(node.items, scope)
    line = scope.line(node.at)
    if not (item.known and items.known):
        return unknown(line)
    if not isinstance(items.type, ListType):
        hint = "to look inside a text: contains(text, part)" if is_text(items.type) else "a list is written ['a', 'b']"
        scope.report("QM223", f"`in` takes a list, not {describe(items.type)}", node.items.at, hint)
        return unknown(line)
    if isinstance(node.items, ast.ListOf):
        for written in node.items.items:
            # Checked one by one, so that the caret stands under the wrong one.
            quiet = infer(written, scope)
            if quiet.known and not comparable(item.type, quiet.type, node.item.at, written.at, scope, True):
                return unknown(line)
    elif not comparable(item.type, items.type.item, node.item.at, node.items.at, scope, True):
        return unknown(line)
    inside = ir.In(item.ir, items.ir, line)
    value = combine(
        ir.Not(inside, line) if node.negated else inside, BoolType(), item.nullable or items.nullable, (item, items)
    )
    return _strictly(value, item, items)


def _strictly(value: Value, left: Value, right: Value) -> Value:
    """Neither true nor false comes out of a null, so either answer proves that both sides are there."""
    facts = left.strict | right.strict
    return replace(value, strict=facts, when_true=facts, when_false=facts)


def comparable(left: Type, right: Type, left_at: ast.Range, right_at: ast.Range, scope: Scope, equality: bool) -> bool:
    """Return whether two values can be equal (or ordered) at all; if not, say why."""
    if unify(left, right) is None or isinstance(left, ListType | ObjectType | NullType):
        scope.report(
            "QM224",
            f"{describe(left)} and {describe(right)} cannot be compared",
            right_at,
            _comparison_help(left, right, scope.spelling(right_at), scope.spelling(left_at)),
        )
        return False
    if not equality:
        if is_number(left) or is_moment(left):
            return True
        scope.report("QM223", f"only numbers and dates have an order, not {describe(left)}", left_at, None)
        return False
    for side, other, at, subject in ((left, right, right_at, left_at), (right, left, left_at, right_at)):
        if (hint := _never_equal(side, other)) is not None:
            fix = _near_value(side, other, at, scope)
            scope.report("QM224", f"`{scope.spelling(subject)}` is never {scope.spelling(at)}", at, hint, fix)
            return False
    return True


def _never_equal(side: Type, other: Type) -> str | None:
    """Return help where `side` is closed and holds none of the texts of `other`."""
    if not isinstance(other, EnumType):
        return None
    match side:
        case EnumType(values=values) if not set(values) & set(other.values):
            near = nearest(other.values[0], values) if other.values else None
            return f"did you mean '{near}'?" if near else f"its values are {', '.join(repr(v) for v in values[:12])}"
        case StrType(format="country") if not any(_is_code(text, 2) for text in other.values):
            return "countries are ISO 3166-1 alpha-2 codes such as 'NO'"
        case StrType(format="currency") if not any(_is_code(text, 3) for text in other.values):
            return "currencies are ISO 4217 codes such as 'EUR'"
        case StrType(max_length=int() as limit) if all(len(text) > limit for text in other.values):
            return f"it has at most {limit} characters"
        case _:
            return None


def _near_value(side: Type, other: Type, at: ast.Range, scope: Scope) -> Fix | None:
    """Return the fix that writes the nearest of a closed type's values for the one text that stands there."""
    match side, other:
        case EnumType(values=values), EnumType(values=(name,)) if scope.text.text[at.start + 1 : at.end - 1] == name:
            return scope.renaming(ast.Range(at.start + 1, at.end - 1), name, values)
        case _:
            return None


def _is_code(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isalpha() and text.isupper()


def _comparison_help(left: Type, right: Type, right_text: str, left_text: str) -> str | None:
    for side, other, text in ((left, right, right_text), (right, left, left_text)):
        if is_text(other) and isinstance(side, DateType):
            return f"a date is date({text})"
        if is_text(other) and isinstance(side, DatetimeType):
            return f"a moment is datetime({text}), with an offset such as Z"
        if is_text(other) and is_number(side):
            return f"a number stands without quotes; text is read by int({text})"
        if isinstance(side, DateType) and isinstance(other, DatetimeType):
            return f"the day of a moment is date_of({text})"
        if is_text(other) and isinstance(side, BoolType):
            return "true and false stand without quotes"
        if isinstance(side, ListType) and not isinstance(other, ListType):
            return "to look inside a list: value in list"
    return None
