"""Comparison and membership: what can be equal, what has an order, and what never is."""

from __future__ import annotations

from dataclasses import replace

from queast_compiler.passes.expressions.glued import report_words
from queast_compiler.passes.expressions.lists import list_of
from queast_compiler.passes.expressions.value import Infer, Scope, Value, combine, unknown
from queast_compiler.passes.expressions.work import Work
from queast_compiler.plan import ir
from queast_dsl.diagnostics.model import Fix
from queast_dsl.diagnostics.nearest import nearest
from queast_dsl.expr import ast
from queast_dsl.names.codes import is_code, meant_code
from queast_dsl.names.forms import FORMS_ARE, can_be, meant_as
from queast_dsl.types import (
    BoolType,
    DatetimeType,
    DateType,
    EnumType,
    ListType,
    NullType,
    ObjectType,
    StrType,
    Type,
    describe,
    is_moment,
    is_number,
    is_text,
    unify,
)

CODES_ARE = {
    "country": "countries are ISO 3166-1 alpha-2 codes such as 'NO'",
    "currency": "currencies are ISO 4217 codes such as 'EUR'",
}


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
    item = infer(node.item, scope)
    if isinstance(node.items, ast.ListOf) and report_words(node.items, scope):
        return unknown(scope.line(node.at))
    # Each item's own type is asked for below, so a list that is written out is read item by item, once.
    written = [infer(each, scope) for each in node.items.items] if isinstance(node.items, ast.ListOf) else []
    items = list_of(node.items, written, scope) if isinstance(node.items, ast.ListOf) else infer(node.items, scope)
    line = scope.line(node.at)
    if not (item.known and items.known):
        return unknown(line)
    if not isinstance(items.type, ListType):
        hint = "to look inside a text: contains(text, part)" if is_text(items.type) else "a list is written ['a', 'b']"
        scope.report("QM223", f"`in` takes a list, not {describe(items.type)}", node.items.at, hint)
        return unknown(line)
    if isinstance(node.items, ast.ListOf):
        for each, value in zip(node.items.items, written, strict=True):
            # Checked one by one, so that the caret stands under the wrong one.
            if not comparable(item.type, value.type, node.item.at, each.at, scope, True):
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
    # Two texts always have a type in common; that of two long tables would be made to be thrown away.
    apart = not (is_text(left) and is_text(right)) and unify(left, right) is None
    if apart or isinstance(left, ListType | ObjectType | NullType):
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
    if isinstance(left, EnumType) and isinstance(right, EnumType):
        scope.spend(Work.VALUES, min(len(left.values), len(right.values)), right_at)
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
        case EnumType(values=values) if side.members.isdisjoint(other.members):
            near = nearest(other.values[0], values) if other.values else None
            return f"did you mean '{near}'?" if near else f"its values are {', '.join(repr(v) for v in values[:12])}"
        case StrType(format="country" | "currency" as form) if not any(is_code(text, form) for text in other.values):
            meant = meant_code(other.values[0], form) if other.values else None
            return f"{CODES_ARE[form]}{'' if meant is None else f'; did you mean {meant!r}?'}"
        case StrType(format=str() as form) if other.values and not any(can_be(text, form) for text in other.values):
            meant = meant_as(other.values[0], form)
            return f"{FORMS_ARE[form]}{'' if meant is None else f'; did you mean {meant!r}?'}"
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
