"""A template that no field renders."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.diagnostics.fixes import left_out


def check(subject: Subject) -> Iterator[Hit]:
    used = {each.name for each in subject.templates}
    for template in subject.program.mapping.templates:
        if template.name.value not in used:
            span, help = template.name.span, "remove the template"
            yield Hit(f"nothing renders template `{template.name.value}`", span, help, fix=left_out(span))


RULE = Rule(
    code="QM802",
    title="a template that is never used",
    why="No field or body renders the template, so changing it changes nothing.",
    instead="Remove the template, or render it: `hs_note_body: {render: note}`.",
    bad="""\
templates:
  greeting: "{{ company.name }}"
""",
    good="""\
name: {render: greeting}
templates:
  greeting: "{{ company.name }}!"
""",
    check=check,
)
