"""A template without any value."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject, names_a_field
from queast_dsl.expr.template import Text


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.templates:
        if each.name is None and all(isinstance(part, Text) for part in each.parts):
            env, text = each.route.environment, each.text.text.strip()
            help = f"write {{const: {text}}}"
            if env is not None and names_a_field(each.text, env):
                help = f"to send the field write `{text}` alone, or `{{{{ {text} }}}}` inside the template"
            yield Hit("this template has no value in it", each.text.span, help)


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
