"""What a locked path rests on: a lock would hold nothing if a mapping could change what is read there.

locked  routes.r.fields.industry      base  industry: company.industry | lookup(ind, else = null)
holds   tables.ind, routes.r.entity and routes.r.to as well
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from queast_dsl.expr import ast
from queast_dsl.expr.parser import ParseFailure, parse
from queast_dsl.expr.template import Choice, Loop, Output, Part, TemplateFailure, cut
from queast_dsl.expr.walk import walk as nodes_of
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, Step, at, walk
from queast_dsl.loading.places import is_expression
from queast_dsl.source import Span

# They say which property of which object a field is, and of what it is read.
_OF_THE_ROUTE = ("entity", "to")


@dataclass(frozen=True, slots=True)
class Implied:
    """`path` is held by a lock elsewhere, and `why` says by what of it, at `span` of the base."""

    path: tuple[str, ...]
    why: str
    span: Span


def implied(base: MapNode, path: tuple[str, ...], node: Node | None) -> Iterator[Implied]:
    """Yield what a lock on `path` holds beside it, once each. `node` is what the base gives there, None for nothing.

    What the base itself does not give is left out: whoever extends it has to, and so is free to.
    """
    found: dict[tuple[str, ...], Implied] = {}
    for each in (*_route(base, path), *_read(base, path, node)):
        if at(base, each.path) is not None and each.path[: len(path)] != path:
            found.setdefault(each.path, each)
    yield from found.values()


def _route(base: MapNode, path: tuple[str, ...]) -> Iterator[Implied]:
    if len(path) < 3 or path[0] != "routes":
        return
    for key in _OF_THE_ROUTE:
        given = at(base, (*path[:2], key))
        if given is not None:
            why = f"it says what the locked `{'.'.join(path)}` is about"
            yield Implied((*path[:2], key), why, given.span)


def _read(base: MapNode, path: tuple[str, ...], node: Node | None) -> Iterator[Implied]:
    """Yield the tables and templates that are named at or below a path, and the tables of these templates."""
    for here, each in () if node is None else walk(node, path):
        if not isinstance(each, ScalarNode):
            continue
        yield from _tables(_names(here, each.value), each.span, f"the locked `{_shown(here)}` looks it up")
        if here[-1] == "render":
            template = at(base, ("templates", each.value))
            yield Implied(("templates", each.value), f"the locked `{_shown(here)}` renders it", each.span)
            if isinstance(template, ScalarNode):
                why = f"the template `{each.value}` of the locked `{_shown(here)}` looks it up"
                yield from _tables(_in_template(template.value), template.span, why)


def _tables(names: Iterator[str], span: Span, why: str) -> Iterator[Implied]:
    for name in names:
        yield Implied(("tables", name), why, span)


def _names(path: tuple[Step, ...], text: str) -> Iterator[str]:
    if path[-1] == "template" or (len(path) == 2 and path[0] == "templates"):
        yield from _in_template(text)
    elif is_expression(path):
        yield from _in_expression(text)


def _in_expression(text: str) -> Iterator[str]:
    """Yield the tables that an expression looks something up in; none where it cannot be read, which is told later."""
    try:
        tree = parse(text)
    except ParseFailure:
        return
    for node in nodes_of(tree):
        if isinstance(node, ast.Call) and node.fn == "lookup":
            yield from (each.text for each in node.args[1:] if isinstance(each, ast.Name))


def _in_template(text: str) -> Iterator[str]:
    try:
        parts = cut(text)
    except TemplateFailure:
        return
    for place in _expressions(parts):
        yield from _in_expression(text[place.start : place.end])


def _expressions(parts: tuple[Part, ...]) -> Iterator[ast.Range]:
    for part in parts:
        match part:
            case Output(place):
                yield place
            case Choice(branches):
                for branch in branches:
                    if branch.condition is not None:
                        yield branch.condition
                    yield from _expressions(branch.body)
            case Loop(items=items, body=body):
                yield items
                yield from _expressions(body)
            case _:
                pass


def _shown(path: tuple[Step, ...]) -> str:
    return ".".join(str(step) for step in path)
