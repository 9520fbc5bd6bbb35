"""A condition that asks nothing of the event."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Role, Subject
from queast_dsl.expr import ast


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        if each.role is Role.CONDITION and not any(_reads(node) for node in each.nodes):
            yield Hit(
                f"`{each.spelling(each.node.at)}` asks nothing of the event", each.span(each.node.at), "remove it"
            )


def _reads(node: ast.Node) -> bool:
    return isinstance(node, ast.Name) or (isinstance(node, ast.Call) and node.fn == "now")


RULE = Rule(
    code="QM804",
    title="a condition that is always the same",
    why="The condition reads no field, so it gives the same answer for every event and decides nothing.",
    instead="Remove the condition, or remove what it can never reach.",
    bad="""\
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    when: 2 > 1
    fields:
      name: company.name

""",
    good="""\
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    when: company.employee_count > 1
    fields:
      name: company.name

""",
    check=check,
)
