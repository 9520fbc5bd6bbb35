"""A template that is one value and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject, Written
from queast_dsl.expr.template import Output


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.templates:
        match each.parts:
            case (Output(at),) if each.field is not None and each.name is None and _is_plain(each):
                inner = each.text.text[at.start : at.end]
                yield Hit("this template is one value", each.text.span, f"write the expression: {inner}")
            case _:
                pass


def _is_plain(written: Written) -> bool:
    field = written.field
    return field is not None and field.property is not None and field.property.type not in ("html", "markdown")


RULE = Rule(
    code="QM819",
    title="a template of one value",
    why=(
        "A template always gives text, empty where the value is missing, which then overwrites what stands in the "
        "destination; an expression gives null, and nothing is written."
    ),
    instead="Write the expression: `city: company.city`.",
    bad="""\
city: {template: "{{ company.city ?? '' }}"}
""",
    good="""\
city: company.city
""",
    check=check,
)
