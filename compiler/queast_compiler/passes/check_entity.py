"""A route that reads an entity which its events do not hold: its `entity` is the mistake, not each of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from queast_compiler.passes.expressions import environment
from queast_compiler.passes.program import Program, RouteProgram
from queast_dsl.diagnostics.fixes import written
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.nearest import listed
from queast_dsl.document.mapping import (
    BodyEach,
    BodyNode,
    BodyObject,
    Const,
    Expression,
    InlineTemplate,
    Render,
    Route,
    SecretRef,
    Template,
)
from queast_dsl.entities import ENTITIES
from queast_dsl.expr import ast
from queast_dsl.expr.parser import ParseFailure, parse
from queast_dsl.expr.template import Choice, Loop, Output, Part, TemplateFailure, cut
from queast_dsl.expr.walk import walk

_LEAST = 2
_Said = BodyNode | Const | SecretRef


def check_entity(program: Program, diagnostics: Diagnostics) -> Program:
    """`entity: company` over fields that read `person` at least twice  ->  refused, once.

    What cannot be read is of one entity, or of one and the company that comes with it.
    """
    templates = {template.name.value: template for template in program.mapping.templates}

    def checked(current: RouteProgram) -> RouteProgram:
        route = current.route
        # Most routes say nothing of other entities, and are read no further.
        foreign = [each for each in ENTITIES if each not in _held_by(route.entity.value)]
        if not any(word in text for text in _texts(_values(route), templates) for word in foreign):
            return current
        bound = frozenset(_bound(route, templates))
        roots = [root for root in _roots(route, templates) if root in ENTITIES and root not in bound]
        unknown = [root for root in roots if root not in _held_by(route.entity.value)]
        fitting = [root for root in set(unknown) if _held_by(root).issuperset(roots)]
        meant = fitting if len(fitting) == 1 else list(set(unknown))
        if len(unknown) < _LEAST or len(meant) != 1:
            return current
        _report(route, meant[0], bool(fitting), diagnostics)
        return replace(current, is_refused=True)

    return program.with_routes(checked)


def _held_by(entity: str) -> frozenset[str]:
    """Return what an event about an entity holds: `person`  ->  person, company."""
    return frozenset(environment(entity, {}, frozenset()).names)


def _report(route: Route, read: str, fits: bool, diagnostics: Diagnostics) -> None:
    entity = route.entity
    shown = "an" if entity.value[0] in "aeiou" else "a"
    holds = listed(_held_by(entity.value))
    diagnostics.report(
        "QM308",
        f"fields of this route read `{read}`, which the events of {shown} {entity.value} do not hold",
        entity.span,
        help=f"did you mean `entity: {read}`?"
        if fits
        else f"they hold {holds}; what is read of `{read}` needs a route of its own with `entity: {read}`",
        fix=written(entity.span, read) if fits else None,
    )


def _roots(route: Route, templates: Mapping[str, Template]) -> Iterator[str]:
    for text in _expressions(route, templates):
        try:
            tree = parse(text)
        except ParseFailure:
            continue
        parts = tuple(walk(tree))
        # A table may be called like an entity.
        tables = {
            id(arg)
            for part in parts
            if isinstance(part, ast.Call) and part.fn == "lookup"
            for arg in (*part.args, *(each.value for each in part.named))
        }
        yield from (part.text for part in parts if isinstance(part, ast.Name) and id(part) not in tables)


def _texts(values: Iterable[_Said], templates: Mapping[str, Template]) -> Iterator[str]:
    for value in values:
        match value:
            case Expression():
                yield value.text.text
            case BodyEach():
                yield value.each.text.text
            case InlineTemplate() | Render():
                yield _template(value, templates)
            case _:
                pass


def _expressions(route: Route, templates: Mapping[str, Template]) -> Iterator[str]:
    for value in _values(route):
        match value:
            case Expression() | BodyEach():
                yield from _texts([value], templates)
            case InlineTemplate() | Render():
                text = _template(value, templates)
                yield from (text[at.start : at.end] for part in _parts(text) for at in _ranges(part))
            case _:
                pass


def _bound(route: Route, templates: Mapping[str, Template]) -> Iterator[str]:
    """Yield the names that loops of the route give to their items."""
    for value in _values(route):
        match value:
            case BodyEach(name=name):
                yield name.value
            case InlineTemplate() | Render():
                parts = _parts(_template(value, templates))
                yield from (part.variable for part in parts if isinstance(part, Loop))
            case _:
                pass


def _template(value: InlineTemplate | Render, templates: Mapping[str, Template]) -> str:
    if isinstance(value, InlineTemplate):
        return value.text.text
    found = templates.get(value.name.value)
    return "" if found is None else found.text.text


def _values(route: Route) -> Iterator[_Said]:
    if route.when is not None:
        yield route.when
    yield from (each.value for each in route.fields)
    yield from (each.value for each in route.headers)
    if route.body is not None:
        yield from _in_body(route.body)


def _in_body(node: BodyNode) -> Iterator[BodyNode]:
    yield node
    match node:
        case BodyObject(entries):
            for _, value in entries:
                yield from _in_body(value)
        case BodyEach(body=body):
            yield from _in_body(body)
        case _:
            pass


def _parts(text: str) -> tuple[Part, ...]:
    try:
        return tuple(_inside(cut(text)))
    except TemplateFailure:
        return ()


def _inside(parts: tuple[Part, ...]) -> Iterator[Part]:
    for part in parts:
        yield part
        match part:
            case Choice(branches):
                for branch in branches:
                    yield from _inside(branch.body)
            case Loop(body=body):
                yield from _inside(body)
            case _:
                pass


def _ranges(part: Part) -> Iterator[ast.Range]:
    match part:
        case Output(at):
            yield at
        case Choice(branches):
            yield from (branch.condition for branch in branches if branch.condition is not None)
        case Loop(items=items):
            yield items
        case _:
            pass
