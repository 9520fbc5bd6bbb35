"""The parts of an expression tree, for whoever looks at all of them alike."""

from __future__ import annotations

from collections.abc import Iterator

from queast_dsl.expr import ast


def children(node: ast.Node) -> tuple[ast.Node, ...]:
    """Return the nodes directly inside one, in the order in which they are written; arguments without their names."""
    match node:
        case ast.Constant() | ast.Name():
            return ()
        case ast.Member(of=of) | ast.Index(of=of) | ast.Project(of=of) | ast.Not(of=of) | ast.Minus(of=of):
            return (of,)
        case ast.ListOf(items=items):
            return items
        case ast.Call(args=args, named=named):
            return (*args, *(each.value for each in named))
        case ast.Fallback(args=args) | ast.And(args=args) | ast.Or(args=args):
            return args
        case ast.Arith(left=left, right=right) | ast.Compare(left=left, right=right):
            return (left, right)
        case ast.In(item=item, items=items):
            return (item, items)


def walk(node: ast.Node) -> Iterator[ast.Node]:
    """Yield a node and everything inside it, parents first."""
    # Not by calling itself: in an expression that is deep every node would pass through as many generators.
    left = [node]
    while left:
        first = left.pop()
        yield first
        left.extend(reversed(children(first)))


def chain(node: ast.Node) -> tuple[str, ...] | None:
    """Return the words of a plain path, `signal.company.name` -> ("signal", "company", "name"); None for all else."""
    match node:
        case ast.Name(text=text):
            return (text,)
        case ast.Member(of=of, name=name):
            before = chain(of)
            return None if before is None else (*before, name)
        case _:
            return None
