"""HTML in a property that shows it as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject

_MARK = re.compile(r"</?(?:a|b|br|div|em|h[1-6]|i|li|ol|p|span|strong|table|td|tr|u|ul)\b[^>]*>")


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.templates:
        property = each.field.property if each.field is not None else None
        found = _MARK.search(each.text.text)
        if property is not None and property.type in ("string", "text") and found is not None:
            span = each.text.at(found.start(), found.end())
            yield Hit(f"`{property.shown}` holds plain text and shows `{found.group()}` as it is", span, "leave it out")


RULE = Rule(
    code="QM821",
    title="HTML in a property of plain text",
    why="The property holds plain text, so people see the marks: `<b>Acme</b>`.",
    instead="Leave the marks out, or send the text to a property that holds HTML.",
    bad="""\
city: {template: "<b>{{ company.name }}</b>"}
""",
    good="""\
city: {template: "{{ company.name }}:"}
""",
    check=check,
)
