"""Lists that are written out, and the one type of several values."""

from __future__ import annotations

from queast_compiler.passes.expressions.value import Scope, Value, combine, unknown
from queast_compiler.passes.expressions.work import Work
from queast_compiler.plan.ir import MakeList
from queast_dsl.expr import ast
from queast_dsl.types import NULL, EnumType, ListType, NullType, Type, describe, one_of, unify


def list_of(node: ast.ListOf, items: list[Value], scope: Scope) -> Value:
    """`['a', company.city]`  ->  a list of text, of the items as they were inferred."""
    line = scope.line(node.at)
    if not all(item.known for item in items):
        return unknown(line)
    joined = joined_type([item.type for item in items], node.at, scope)
    if joined is None:
        kinds = ", ".join(dict.fromkeys(describe(item.type) for item in items))
        scope.report("QM226", f"the list mixes {kinds}", node.at, "all items need one type")
        return unknown(line)
    return combine(MakeList(tuple(item.ir for item in items), line), ListType(joined), False, tuple(items))


def joined_type(types: list[Type], at: ast.Range, scope: Scope) -> Type | None:
    """Return the narrowest type of all, None where there is none; that of nothing is null's."""
    joined: Type | None = joined_lists(types, at, scope)
    if joined is not None:
        return joined
    joined = types[0] if types else NULL
    for type_ in types[1:]:
        joined = None if joined is None else unify(joined, type_)
    return joined


def joined_lists(types: list[Type], at: ast.Range, scope: Scope) -> EnumType | None:
    """Return the one closed list of several, None where one of the types is no such list.

    In one go: joined one after the other, the values of each would be counted again for all that follow.
    """
    if len(types) == 1:
        return types[0] if isinstance(types[0], EnumType) else None
    if sum(not isinstance(type_, NullType) for type_ in types) > 1:
        scope.spend(Work.VALUES, sum(map(_values, types)), at)
    closed = [type_ for type_ in types if isinstance(type_, EnumType)]
    return one_of(closed) if closed and len(closed) == len(types) else None


def _values(type_: Type) -> int:
    match type_:
        case EnumType(values=values):
            return len(values)
        case ListType(item=item):
            return _values(item)
        case _:
            return 0
