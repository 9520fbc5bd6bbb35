"""What rules look at: a mapping without errors, each of its expressions parsed, with the place of every part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from typing import cast

from queast_compiler.passes.expressions import Environment, environment
from queast_compiler.passes.program import FieldProgram, Program, ReceiveProgram, RouteProgram
from queast_dsl.diagnostics.fixes import written
from queast_dsl.diagnostics.model import Edit, Fix
from queast_dsl.document.mapping import (
    BodyEach,
    BodyNode,
    BodyObject,
    Const,
    Expression,
    FieldValue,
    InlineTemplate,
    Render,
    SecretRef,
    Template,
    leaves,
)
from queast_dsl.expr import ast
from queast_dsl.expr.parser import ParseFailure, parse
from queast_dsl.expr.template import Choice, Loop, Output, Part, cut
from queast_dsl.expr.unparse import unparse
from queast_dsl.expr.walk import chain, walk
from queast_dsl.source import SourceText, Span
from queast_dsl.types import Property


class Role(StrEnum):
    """What an expression is for."""

    VALUE = "value"
    CONDITION = "condition"
    OUTPUT = "output"
    ITEMS = "items"


@dataclass(frozen=True, slots=True)
class Parsed:
    """One expression: of a field, a body, a condition, or inside a template from character `start` of `text`.

    `nodes` are `node` and everything inside it, parents first.
    """

    role: Role
    text: SourceText
    start: int
    node: ast.Node
    env: Environment
    nodes: tuple[ast.Node, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Nearly every rule looks at all of them.
        object.__setattr__(self, "nodes", tuple(walk(self.node)))

    def span(self, at: ast.Range) -> Span:
        return self.text.at(self.start + at.start, self.start + at.end)

    def spelling(self, at: ast.Range) -> str:
        return self.text.text[self.start + at.start : self.start + at.end]

    def rewritten(self, node: ast.Node, plain: ast.Node) -> Fix:
        """Return the fix that writes another tree in the place of a part, in brackets where its place needs them."""
        text = unparse(plain)
        return written(self.span(node.at), text if self._reads(node, plain, text) else f"({text})")

    def _reads(self, node: ast.Node, plain: ast.Node, text: str) -> bool:
        """Say whether a text in the place of a part is read as the tree that was meant."""
        if node is self.node:
            return True
        whole = self.node.at
        before, after = ast.Range(whole.start, node.at.start), ast.Range(node.at.end, whole.end)
        try:
            found = parse(f"{self.spelling(before)}{text}{self.spelling(after)}")
        except ParseFailure:
            return False
        return found == _with(self.node, node, plain)

    def cut_out(self, start: int, end: int) -> Fix:
        """Return the fix that removes characters `start` to `end` of the expression."""
        return Fix("leave it out", (Edit(self.span(ast.Range(start, end)), ""),))

    def property_of(self, node: ast.Node) -> Property | None:
        """Return the field of an entity that a plain path names, None for everything else."""
        words = chain(node)
        return None if words is None else self.env.property_at(words)


def _with(tree: ast.Node, node: ast.Node, plain: ast.Node) -> ast.Node:
    """Return a tree with another one in the place of the part that `node` is."""
    return cast(ast.Node, _replaced(tree, node, plain))


def _replaced(part: object, node: ast.Node, plain: ast.Node) -> object:
    if part is node:
        return plain
    if isinstance(part, tuple):
        return tuple(_replaced(each, node, plain) for each in cast("tuple[object, ...]", part))
    if not is_dataclass(part) or isinstance(part, type | ast.Range):
        return part
    parts = {each.name: _replaced(getattr(part, each.name), node, plain) for each in fields(part)}
    return type(part)(**parts)


@dataclass(frozen=True, slots=True)
class Written:
    """A template as a route or a note uses it. `field` is None in a body or a note. `name` is None where it is written
    in place."""

    text: SourceText
    parts: tuple[Part, ...]
    field: FieldProgram | None
    route: RouteProgram | ReceiveProgram
    name: str | None


@dataclass(frozen=True, slots=True)
class Subject:
    """`expressions` and `templates` are those of the mapping and of its base; a hit in the base is dropped later."""

    program: Program
    expressions: tuple[Parsed, ...]
    templates: tuple[Written, ...]


def subject_of(program: Program) -> Subject:
    """Read everything that a mapping without errors says. Parses again; the parser remembers what it read."""
    templates = {template.name.value: template for template in program.mapping.templates}
    written = tuple(_written(program, templates))
    tables = {table.name.value: table for table in program.mapping.tables}
    found: list[Parsed] = []
    where = program.mapping.scope.where
    if where is not None:
        company = environment("company", tables, program.granted)
        found.append(Parsed(Role.CONDITION, where.text, 0, parse(where.text.text), company))
    for route in program.routes:
        if route.environment is not None:
            found.extend(_of_route(route, route.environment))
    for received in program.receive:
        note = received.receive.then.note
        if received.environment is not None and isinstance(note, Expression):
            found.append(_parsed(Role.VALUE, note, received.environment))
    for each in written:
        if each.route.environment is not None:
            found.extend(_in_template(each.parts, each.text, each.route.environment))
    # A template that several routes use is looked at once.
    once = {(each.text.span, each.start): each for each in found}
    return Subject(program, tuple(once.values()), written)


def expressions_of(field: FieldProgram, written: Written | None, route: RouteProgram) -> Iterator[Parsed]:
    """The expressions of one field: its own, or those in its template as `written`."""
    if route.environment is None:
        return
    if isinstance(field.field.value, Expression):
        yield _parsed(Role.VALUE, field.field.value, route.environment)
    if written is not None:
        yield from _in_template(written.parts, written.text, route.environment)


def choices_of(written: Written) -> Iterator[tuple[Parsed, ...]]:
    """The conditions of each `{% if %}` with its `{% elif %}`, those inside of others too."""
    if written.route.environment is not None:
        yield from _choices(written.parts, written.text, written.route.environment)


def _choices(parts: tuple[Part, ...], text: SourceText, env: Environment) -> Iterator[tuple[Parsed, ...]]:
    for part in parts:
        match part:
            case Choice(branches):
                asked = (branch.condition for branch in branches)
                yield tuple(_inside(Role.CONDITION, text, at, env) for at in asked if at is not None)
                for branch in branches:
                    yield from _choices(branch.body, text, env)
            case Loop(body=body):
                yield from _choices(body, text, env)
            case _:
                pass


def names_a_field(text: SourceText, env: Environment) -> bool:
    """Whether a text reads as the path of a field: `company.name`, but neither `company` nor `acme.no`."""
    try:
        node = parse(text.text)
    except ParseFailure:
        return False
    return Parsed(Role.VALUE, text, 0, node, env).property_of(node) is not None


def _of_route(route: RouteProgram, env: Environment) -> Iterator[Parsed]:
    if route.route.when is not None:
        yield _parsed(Role.CONDITION, route.route.when, env)
    for each in route.route.fields:
        if isinstance(each.value, Expression):
            yield _parsed(Role.VALUE, each.value, env)
    for header in route.route.headers:
        match header.value:
            case Expression():
                yield _parsed(Role.VALUE, header.value, env)
            case Const() | SecretRef():
                pass
    if route.route.body is not None:
        yield from _in_body(route.route.body, env)


def _in_body(node: BodyNode, env: Environment) -> Iterator[Parsed]:
    match node:
        case BodyObject(entries):
            for _, value in entries:
                yield from _in_body(value, env)
        case BodyEach(each=each, body=body):
            yield _parsed(Role.ITEMS, each, env)
            yield from _in_body(body, env)
        case Expression():
            yield _parsed(Role.VALUE, node, env)
        case Const() | InlineTemplate() | Render():
            pass


def _parsed(role: Role, expression: Expression, env: Environment) -> Parsed:
    return Parsed(role, expression.text, 0, parse(expression.text.text), env)


def _written(program: Program, templates: dict[str, Template]) -> Iterator[Written]:
    for route in program.routes:
        for each in route.fields:
            yield from _one(each.field.value, each, route, templates)
        if route.route.body is not None:
            for leaf in leaves(route.route.body):
                yield from _one(leaf, None, route, templates)
    for received in program.receive:
        note = received.receive.then.note
        if note is not None:
            yield from _one(note, None, received, templates)


def _one(
    value: FieldValue,
    field: FieldProgram | None,
    route: RouteProgram | ReceiveProgram,
    templates: dict[str, Template],
) -> Iterator[Written]:
    match value:
        case InlineTemplate(text):
            yield Written(text, cut(text.text), field, route, None)
        case Render(name):
            text = templates[name.value].text
            yield Written(text, cut(text.text), field, route, name.value)
        case Expression() | Const():
            pass


def _in_template(parts: tuple[Part, ...], text: SourceText, env: Environment) -> Iterator[Parsed]:
    for part in parts:
        match part:
            case Output(at):
                yield _inside(Role.OUTPUT, text, at, env)
            case Choice(branches):
                for branch in branches:
                    if branch.condition is not None:
                        yield _inside(Role.CONDITION, text, branch.condition, env)
                    yield from _in_template(branch.body, text, env)
            case Loop(items=items, body=body):
                yield _inside(Role.ITEMS, text, items, env)
                yield from _in_template(body, text, env)
            case _:
                pass


def _inside(role: Role, text: SourceText, at: ast.Range, env: Environment) -> Parsed:
    return Parsed(role, text, at.start, parse(text.text[at.start : at.end]), env)
