"""Which values may be shown to somebody who reads a change: those that are made of public fields alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from queast_compiler.plan import ir
from queast_compiler.plan.ir import CHANGED, Expr
from queast_dsl.entities import ENTITIES, entity
from queast_dsl.pii import PERSONAL
from queast_dsl.types import ListType, ObjectType, Type

_NOT_SHOWN: Final = PERSONAL | {"free_text"}


def may_be_shown(*exprs: Expr | None) -> bool:
    """Whether nothing that the expressions read says anything of a person, or is free text that might.

    What cannot be traced to the schema, such as an item of a loop, is judged by the list that it comes from.
    """
    return not any(_is_withheld(path) for expr in exprs if expr is not None for path in _paths(expr))


def _paths(node: object) -> Iterator[ir.Path | ir.Project]:
    if isinstance(node, ir.Path | ir.Project):
        yield node
    if isinstance(node, tuple):
        for each in node:
            yield from _paths(each)
        return
    for name in getattr(node, "__slots__", ()):
        yield from _paths(getattr(node, name))


def _is_withheld(node: ir.Path | ir.Project) -> bool:
    if isinstance(node, ir.Project):
        # Its steps are looked for below the list that it projects, which is asked for itself.
        steps = _steps_of(node)
        return steps is not None and _labels_withhold(*steps)
    if node.root == CHANGED or node.root not in ENTITIES:
        return node.root == "person"
    return _labels_withhold(node.root, node.steps)


def _steps_of(node: ir.Project) -> tuple[str, tuple[str, ...]] | None:
    of = node.of
    if isinstance(of, ir.Path) and of.root in ENTITIES:
        return of.root, (*of.steps, *node.steps)
    return None


def _labels_withhold(root: str, steps: tuple[str, ...]) -> bool:
    if root == "person":
        return True
    shape: Type = entity(root)
    for step in steps:
        while isinstance(shape, ListType):
            shape = shape.item
        prop = shape.get(step) if isinstance(shape, ObjectType) else None
        if prop is None or not prop.labels.isdisjoint(_NOT_SHOWN):
            return True
        shape = prop.type
    # A whole object or list of objects may hold anything.
    while isinstance(shape, ListType):
        shape = shape.item
    return isinstance(shape, ObjectType) and bool(steps)
