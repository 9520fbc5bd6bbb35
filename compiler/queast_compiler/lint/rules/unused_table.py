"""A table that no expression looks anything up in."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.diagnostics.fixes import left_out
from queast_dsl.expr import ast


def check(subject: Subject) -> Iterator[Hit]:
    used = {name.text for each in subject.expressions for name in each.nodes if isinstance(name, ast.Name)}
    for table in subject.program.mapping.tables:
        if table.name.value not in used:
            span, help = table.name.span, "remove the table"
            yield Hit(f"nothing looks anything up in table `{table.name.value}`", span, help, fix=left_out(span))


RULE = Rule(
    code="QM801",
    title="a table that is never used",
    why="No expression looks anything up in the table, so changing its rows changes nothing.",
    instead="Remove the table, or use it: `lookup(company.industry, industries, else = null)`.",
    bad="""\
tables:
  industries: {banking: Banking}
""",
    good="""\
name: lookup(company.industry, industries, else = null) ?? company.name
tables:
  industries: {banking: Banking}
""",
    check=check,
)
