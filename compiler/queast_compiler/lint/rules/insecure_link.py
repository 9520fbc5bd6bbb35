"""A link over http."""

from __future__ import annotations

import re
from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.document.mapping import Const

_LINK = re.compile(r"http://(?!localhost\b|127\.0\.0\.1\b)[^\s\"'<>{]*")


def check(subject: Subject) -> Iterator[Hit]:
    texts = [each.text for each in subject.templates]
    fields = [each.field.value for route in subject.program.routes for each in route.fields]
    texts += [value.text for value in fields if isinstance(value, Const)]
    for text in {each.span: each for each in texts}.values():
        for found in _LINK.finditer(text.text):
            span = text.at(found.start(), found.end())
            # No fix: whether the other side answers there is for a person to find out.
            yield Hit(f"`{found.group()}` is not encrypted", span, "write https://")


RULE = Rule(
    code="QM822",
    title="a link that is not encrypted",
    why=(
        "Whoever follows the link shows what they read to everyone on the way, and many mail and CRM systems warn of "
        "it or block it."
    ),
    instead="Write https://, or pass a field through the function: `https(company.website_url)`.",
    bad="""\
website: {template: "http://example.com/{{ company.id }}"}
""",
    good="""\
website: {template: "https://example.com/{{ company.id }}"}
""",
    check=check,
)
