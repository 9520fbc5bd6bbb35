"""A template without any value."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.expr.template import Text


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.templates:
        if each.name is None and all(isinstance(part, Text) for part in each.parts):
            yield Hit("this template has no value in it", each.text.span, f"write {{const: {each.text.text.strip()}}}")


RULE = Rule(
    code="QM820",
    title="a template without values",
    why="The template has no value of the event in it, so it gives the same text for every record.",
    instead="Write it as what it is: `city: {const: Oslo}`.",
    bad="""\
city: {template: Oslo}
""",
    good="""\
city: {const: Oslo}
""",
    check=check,
)
