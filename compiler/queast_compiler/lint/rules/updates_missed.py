"""Records that are created and never updated."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    for route in subject.program.routes:
        if route.object is None or route.object.action != "upsert":
            continue
        events = route.route.events
        if [event.value for event in events] == ["created"]:
            message = f"`{route.route.name.value}` hears nothing of a record after it was created"
            yield Hit(message, events[0].span, "write `events: [created, updated]`")


RULE = Rule(
    code="QM826",
    title="records that are never updated",
    why=(
        "The route listens to `created` only, so a company that changes at Queast keeps its first values in the "
        "destination for ever."
    ),
    instead="Add `updated` to `events`; fields that must keep their first value take `write: on_create`.",
    bad="""\
routes:
  companies:
    entity: company
    events: [created]
    to: companies
    write: always
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
    fields:
      name: company.name

""",
    check=check,
)
