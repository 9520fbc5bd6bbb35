"""A route that asks again what the scope has asked."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.diagnostics.fixes import left_out
from queast_dsl.diagnostics.model import Note
from queast_dsl.expr import ast
from queast_dsl.expr.parser import parse


def check(subject: Subject) -> Iterator[Hit]:
    where = subject.program.mapping.scope.where
    if where is None:
        return
    asked = _parts(parse(where.text.text))
    for route in subject.program.routes:
        if route.route.when is None:
            continue
        text = route.route.when.text
        for part in _parts(parse(text.text)):
            if part in asked:
                note = Note("asked here", where.text.span)
                span = text.at(part.at.start, part.at.end)
                fix = left_out(text.span) if span == text.span else None
                yield Hit("the scope has asked this already", span, "leave it out of the route", (note,), fix)


def _parts(node: ast.Node) -> tuple[ast.Node, ...]:
    return node.args if isinstance(node, ast.And) else (node,)


RULE = Rule(
    code="QM818",
    title="a condition that the scope has asked already",
    why=(
        "An event outside of `scope.where` reaches no route, so asking the same again in a route decides nothing, and"
        " the two drift apart."
    ),
    instead="Keep it in the scope alone.",
    bad="""\
scope:
  where: company.country == 'NO'
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    when: company.country == 'NO'
    fields:
      name: company.name

""",
    good="""\
scope:
  where: company.country == 'NO'
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    fields:
      name: company.name

""",
    check=check,
)
