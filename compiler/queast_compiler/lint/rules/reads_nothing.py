"""An expression that reads no field."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Role, Subject
from queast_dsl.expr import ast


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        # A list has no other form: {const: …} holds one value.
        if each.role is not Role.VALUE or isinstance(each.node, ast.Constant | ast.ListOf):
            continue
        if not any(isinstance(node, ast.Name) or _is_clock(node) for node in each.nodes):
            yield Hit("this gives the same for every record", each.span(each.node.at), "write it as {const: …}")


def _is_clock(node: ast.Node) -> bool:
    return isinstance(node, ast.Call) and node.fn == "now"


RULE = Rule(
    code="QM828",
    title="an expression that reads nothing",
    why="The expression reads no field, so it computes the same value for every record.",
    instead="Write the value: `{const: Oslo}`.",
    bad="""\
city: concat('Os', 'lo')
""",
    good="""\
city: {const: Oslo}
""",
    check=check,
)
