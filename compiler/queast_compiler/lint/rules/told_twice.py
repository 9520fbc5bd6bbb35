"""Two routes that make a note each of one event."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_compiler.passes.apart import Effort, Meeting, condition, meeting
from queast_compiler.passes.program import RouteProgram
from queast_dsl.diagnostics.model import Note


def check(subject: Subject) -> Iterator[Hit]:
    own, effort = subject.program.mapping.sources[0], Effort()
    making = [route for route in subject.program.routes if route.object is not None and route.object.action == "create"]
    for first, second in combinations(making, 2):
        if not _make_the_same(first, second):
            continue
        mine, theirs = (condition([each.when.ir] if each.when is not None else [], effort) for each in (first, second))
        if meeting(mine, theirs, effort) is not Meeting.TOGETHER:
            continue
        # The one in the mapping's own file is the one that can be changed there.
        here, there = (second, first) if second.route.name.span.file == own else (first, second)
        what, name = here.route.to.value, there.route.name.value
        without = f": `unset: [routes.{name}]`" if there.route.name.span.file != own else ""
        yield Hit(
            f"`{here.route.name.value}` and `{name}` each make one of `{what}` of the same {here.route.entity.value}",
            here.route.name.span,
            f"give them conditions that exclude each other, or leave one out{without}",
            notes=(Note("the other route", there.route.name.span),),
        )


def _make_the_same(first: RouteProgram, second: RouteProgram) -> bool:
    mine, theirs = first.route, second.route
    same = (mine.entity.value, mine.to.value) == (theirs.entity.value, theirs.to.value)
    return same and not {each.value for each in mine.events}.isdisjoint(each.value for each in theirs.events)


_NOTES = """\
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    fields: {{name: company.name}}
  all-notes:
    entity: signal
    events: [created]
    to: notes
    attach_to: [company]
    when: signal.score < 50
    fields: {{hs_timestamp: signal.occurred_at, hs_note_body: signal.source_url ?? signal.title}}
  hot-notes:
    entity: signal
    events: [created]
    to: notes
    attach_to: [company]
    when: {}
    fields: {{hs_timestamp: signal.occurred_at, hs_note_body: signal.source_url ?? signal.title}}
"""

RULE = Rule(
    code="QM844",
    title="told twice of one event",
    why=(
        "Two routes make a record each of the same event, such as two notes of one signal. It happens when a mapping "
        "on a base adds a route under a name of its own, and the base's route stays."
    ),
    instead="Leave one out (of a base with `unset`), or let the conditions exclude each other.",
    bad=_NOTES.format("signal.score < 40"),
    good=_NOTES.format("signal.score >= 50"),
    check=check,
)
