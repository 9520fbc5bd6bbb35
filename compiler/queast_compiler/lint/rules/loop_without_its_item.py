"""A loop that repeats the same text."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.expr import ast
from queast_dsl.expr.parser import parse
from queast_dsl.expr.template import Choice, Loop, Output, Part
from queast_dsl.expr.walk import walk


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.templates:
        for loop in loops(each.parts):
            if not any(reads(part, loop.variable, each.text.text) for part in loop.body):
                span = each.text.at(loop.variable_at.start, loop.variable_at.end)
                yield Hit(f"nothing in the loop reads `{loop.variable}`", span, f"write `{{{{ {loop.variable} }}}}`")


def loops(parts: tuple[Part, ...]) -> Iterator[Loop]:
    for part in parts:
        match part:
            case Loop(body=body):
                yield part
                yield from loops(body)
            case Choice(branches):
                for branch in branches:
                    yield from loops(branch.body)
            case _:
                pass


def reads(part: Part, name: str, text: str) -> bool:
    match part:
        case Output(at):
            return _names(at, name, text)
        case Choice(branches):
            return any(
                (branch.condition is not None and _names(branch.condition, name, text))
                or any(reads(each, name, text) for each in branch.body)
                for branch in branches
            )
        case Loop(items=items, body=body):
            return _names(items, name, text) or any(reads(each, name, text) for each in body)
        case _:
            return False


def _names(at: ast.Range, name: str, text: str) -> bool:
    return any(node == ast.Name(name) for node in walk(parse(text[at.start : at.end])))


RULE = Rule(
    code="QM830",
    title="a loop that does not use its item",
    why="Nothing inside the loop reads the item, so the same text is repeated once for each.",
    instead="Use the item: `{% for tag in signal.tags %}{{ tag }} {% endfor %}`.",
    bad="""\
city: {template: "{% for tag in company.technologies %}{{ company.name }}{% endfor %}"}
""",
    good="""\
city: {template: "{% for tag in company.technologies %}{{ tag }} {% endfor %}"}
""",
    check=check,
)
