"""A note or task about a signal that links nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Parsed, Subject, expressions_of
from queast_compiler.passes.program import FieldProgram, RouteProgram
from queast_dsl.document.mapping import Const
from queast_dsl.types import StrType

_ROLES = ("note", "task")
_TEXTS = ("html", "markdown", "text", "string")
_LINK = re.compile(r"https?://")


def check(subject: Subject) -> Iterator[Hit]:
    for route in subject.program.routes:
        target = route.object
        if target is None or target.role not in _ROLES or route.route.entity.value != "signal":
            continue
        texts = [each for each in route.fields if each.property is not None and each.property.type in _TEXTS]
        if texts and not any(_links(subject, route, each) for each in texts):
            body = min(texts, key=_place)
            yield Hit(
                f"this {target.role} says something of a signal and links nowhere",
                body.field.name.span,
                "link what it is about: `signal.source_url`, or `signal.job_ad.url` of a job ad",
            )


def _place(field: FieldProgram) -> int:
    """The text that people read comes first: HTML before plain text."""
    return _TEXTS.index(field.property.type) if field.property is not None else len(_TEXTS)


def _links(subject: Subject, route: RouteProgram, field: FieldProgram) -> bool:
    if isinstance(field.field.value, Const):
        return _LINK.search(field.field.value.text.text) is not None
    written = next((each for each in subject.templates if each.field == field and each.route == route), None)
    if written is not None and _LINK.search(written.text.text):
        return True
    return any(_reads_address(each) for each in expressions_of(field, written, route))


def _reads_address(parsed: Parsed) -> bool:
    for node in parsed.nodes:
        found = parsed.property_of(node)
        if found is not None and isinstance(found.type, StrType) and found.type.format == "uri":
            return True
    return False


RULE = Rule(
    code="QM841",
    title="a note without a link",
    why=(
        "Who reads the note wants to see for themselves: the job ad, the article, the register. Without a link they "
        "search for it, or do not believe it."
    ),
    instead="Put a link into the text where there is one: `signal.job_ad.url` or `signal.source_url`.",
    bad="""\
to: notes
fields:
  hs_timestamp: signal.occurred_at
  hs_note_body: {template: "<b>{{ signal.title }}</b>"}
""",
    good="""\
to: notes
fields:
  hs_timestamp: signal.occurred_at
  hs_note_body:
    template: |
      <b>{{ signal.title }}</b>
      {% if signal.source_url %}<a href="{{ signal.source_url }}">Read it</a>{% endif %}
""",
    check=check,
)
