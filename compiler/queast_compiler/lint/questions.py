"""Which parts of an expression are asked as a question, and which are true or false by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.subject import Parsed, Role
from queast_dsl.expr import ast
from queast_dsl.functions import REGISTRY
from queast_dsl.types import BoolType


def asked(parsed: Parsed) -> Iterator[ast.Node]:
    """Yield what is asked: of something else than true or false, whether it is present.

    `when: not company.city or company.name == 'a'`  ->  the whole, both sides of `or`, `company.city`
    """
    if parsed.role is Role.CONDITION:
        yield parsed.node
    for node in parsed.nodes:
        match node:
            case ast.And(args=args) | ast.Or(args=args):
                yield from args
            case ast.Not(of=of):
                yield of
            case ast.Call(fn="if", args=(condition, *_)):
                yield condition
            case _:
                pass


def decisive(parsed: Parsed) -> Iterator[ast.Node]:
    """Yield what only counts where it is true, so that null is as good as false.

    `when: count(company.technologies) > 0 and not (count(company.technologies) == 1)`  ->  the whole, both sides of
    `and`; not what `not` turns round
    """
    roots = [parsed.node] if parsed.role is Role.CONDITION else []
    roots += [node.args[0] for node in parsed.nodes if isinstance(node, ast.Call) and node.fn == "if" and node.args]
    for root in roots:
        yield from _decisive(root)


def _decisive(node: ast.Node) -> Iterator[ast.Node]:
    yield node
    if isinstance(node, ast.And | ast.Or):
        for arg in node.args:
            yield from _decisive(arg)


def is_true_or_false(parsed: Parsed, node: ast.Node) -> bool:
    """Whether the value is a boolean whatever the event, perhaps a null. False where that is not seen at once."""
    match node:
        case ast.Not() | ast.And() | ast.Or() | ast.Compare() | ast.In():
            return True
        case ast.Constant(value=value):
            return isinstance(value, bool)
        case ast.Fallback(args=args):
            return all(is_true_or_false(parsed, arg) for arg in args)
        case ast.Call(fn="if", args=(_, then, orelse)):
            return is_true_or_false(parsed, then) and is_true_or_false(parsed, orelse)
        case ast.Call(fn=fn) if fn in REGISTRY:
            return REGISTRY[fn].returns == "bool"
        case ast.Call(fn="changed"):
            return True
        case _:
            found = parsed.property_of(node)
            return found is not None and isinstance(found.type, BoolType)


def may_be_null(parsed: Parsed, node: ast.Node) -> bool:
    """Whether a list or text may be null. True for all that is more than a path of which no step may be missing."""
    while isinstance(node, ast.Member):
        found = parsed.property_of(node)
        if found is None or found.optional:
            return True
        node = node.of
    if not isinstance(node, ast.Name):
        return True
    # Where an event holds the object inside of its own, `company` of a signal, that may be missing too.
    held = parsed.property_of(node)
    return held.optional if held is not None else node.text in parsed.env.optional_roots
