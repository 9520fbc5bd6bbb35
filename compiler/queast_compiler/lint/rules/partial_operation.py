"""An operation that may fail where a failure stops the whole record."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.partial import Known, Partial, partial_operations, refuted
from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject, Written
from queast_compiler.passes.program import RouteProgram
from queast_dsl.document.connections import Connection
from queast_dsl.document.mapping import BodyEach, BodyNode, BodyObject, Expression
from queast_dsl.expr import ast
from queast_dsl.expr.parser import parse
from queast_dsl.expr.template import Choice, Loop, Output, Part
from queast_dsl.source import SourceText, Span

_RECORD = "which stops the whole record"
_EVENT = "which stops the whole event"


def check(subject: Subject) -> Iterator[Hit]:
    where = subject.program.mapping.scope.where
    if where is not None:
        yield from _in_expression(where.text, (), _RECORD)
    told: set[Span] = set()
    for route in subject.program.routes:
        when = route.route.when
        if when is not None:
            yield from _in_expression(when.text, (), _RECORD)
        # A route's fields are only evaluated where its `when` holds.
        known = () if when is None else (parse(when.text.text),)
        for hit in _in_route(subject, route, known):
            # A template that several routes use is told of once.
            if hit.span not in told:
                told.add(hit.span)
                yield hit


def check_connection(connection: Connection) -> Iterator[Hit]:
    for rules in connection.match:
        if rules.domain is not None:
            yield from _in_expression(rules.domain.source.text, (), _RECORD)


def _in_route(subject: Subject, route: RouteProgram, known: Known) -> Iterator[Hit]:
    required = [each for each in route.fields if each.property is not None and each.property.required]
    for each in required:
        if isinstance(each.field.value, Expression):
            yield from _in_expression(each.field.value.text, known, _RECORD)
    for written in subject.templates:
        if written.route is route and (written.field is None or written.field in required):
            yield from _in_parts(written.parts, written, known, _EVENT if written.field is None else _RECORD)
    for header in route.route.headers:
        if isinstance(header.value, Expression):
            yield from _in_expression(header.value.text, known, _EVENT)
    if route.route.body is not None:
        for text in _leaves(route.route.body):
            yield from _in_expression(text, known, _EVENT)


def _leaves(node: BodyNode) -> Iterator[SourceText]:
    match node:
        case BodyObject(entries):
            for _, value in entries:
                yield from _leaves(value)
        case BodyEach(each=each, body=body):
            yield each.text
            yield from _leaves(body)
        case Expression(text):
            yield text
        case _:
            pass


def _in_parts(parts: tuple[Part, ...], written: Written, known: Known, outcome: str) -> Iterator[Hit]:
    for part in parts:
        match part:
            case Output(at):
                yield from _at(written.text, at, known, outcome)
            case Loop(items=items, body=body):
                yield from _at(written.text, items, known, outcome)
                yield from _in_parts(body, written, known, outcome)
            case Choice(branches):
                before = known
                for branch in branches:
                    here = before
                    if branch.condition is not None:
                        yield from _at(written.text, branch.condition, before, outcome)
                        condition = _parsed(written.text, branch.condition)
                        here, before = (*before, condition), (*before, *refuted(condition))
                    yield from _in_parts(branch.body, written, here, outcome)
            case _:
                pass


def _parsed(text: SourceText, at: ast.Range) -> ast.Node:
    return parse(text.text[at.start : at.end])


def _at(text: SourceText, at: ast.Range, known: Known, outcome: str) -> Iterator[Hit]:
    for each in partial_operations(_parsed(text, at), known):
        yield _hit(each, text, at.start, outcome)


def _in_expression(text: SourceText, known: Known, outcome: str) -> Iterator[Hit]:
    for each in partial_operations(parse(text.text), known):
        yield _hit(each, text, 0, outcome)


def _hit(found: Partial, text: SourceText, start: int, outcome: str) -> Hit:
    def spelling(at: ast.Range) -> str:
        return " ".join(text.text[start + at.start : start + at.end].split())

    node, operand = found.node, found.operand
    span = text.at(start + node.at.start, start + node.at.end)
    return Hit(
        f"`{spelling(node.at)}` fails where `{spelling(operand.at)}` {found.fault}, {outcome}",
        span,
        f"ask first: `if({found.guard}, …, …)`, or `{found.guard} and …` in a condition",
    )


RULE = Rule(
    code="QM833",
    title="an operation that may stop the whole record",
    why=(
        "A division by 0, an empty text to look for, a negative length, or a text that is no number or date makes an "
        "expression fail. In an optional property that one field is left out. In `when`, in `where`, in a match key, "
        "in a required property or in what is sent as an event, nothing is sent at all."
    ),
    instead="Ask first, and say what is meant otherwise: `company.employee_count > 0 and …`, `if(…, …, …)`.",
    bad="""\
when: company.revenue / company.employee_count > 5
""",
    good="""\
when: company.employee_count > 0 and company.revenue / company.employee_count > 5
""",
    check=check,
    check_connection=check_connection,
)
