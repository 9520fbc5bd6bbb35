"""A block of a template with nothing in it."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.expr.ast import Range
from queast_dsl.expr.template import Choice, Loop, Part, Text


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.templates:
        for at in _empty(each.parts):
            yield Hit("there is nothing in this block", each.text.at(at.start, at.end), "remove the block")


def _empty(parts: tuple[Part, ...]) -> Iterator[Range]:
    for part in parts:
        match part:
            case Choice(branches):
                for branch in branches:
                    if not _has_content(branch.body) and branch.condition is not None:
                        yield branch.condition
                    yield from _empty(branch.body)
            case Loop(items=items, body=body):
                if not _has_content(body):
                    yield items
                yield from _empty(body)
            case _:
                pass


def _has_content(parts: tuple[Part, ...]) -> bool:
    return any(not isinstance(part, Text) or part.text for part in parts)


RULE = Rule(
    code="QM831",
    title="a block with nothing in it",
    why="The block gives no text, so the condition around it decides nothing.",
    instead="Remove the block, or write what it was meant to show.",
    bad="""\
city: {template: "{{ company.name }}{% if company.city %}{% endif %}"}
""",
    good="""\
city: {template: "{{ company.name }}{% if company.city %}, {{ company.city }}{% endif %}"}
""",
    check=check,
)
