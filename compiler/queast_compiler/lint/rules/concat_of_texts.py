"""Text glued together piece by piece."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.diagnostics.model import Severity
from queast_dsl.expr import ast

_MOST = 2


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        for node in each.nodes:
            match node:
                case ast.Call(fn="concat", args=args):
                    if sum(isinstance(arg, ast.Constant) for arg in args) > _MOST:
                        yield Hit("a template shows this text as it will be", each.span(node.fn_at), _HELP)
                case _:
                    pass


_HELP = 'write {template: "…"}'


RULE = Rule(
    code="QM829",
    title="a text that is a template",
    why="Text glued together from many pieces hides what it will look like, and is null as soon as one piece is.",
    instead=(
        'Write a template, which shows the text as it will be: `{template: "{{ company.name }}, {{ company.city ?? '
        "'' }}\"}`."
    ),
    bad="""\
city: concat(company.name, ' (', company.country ?? '', ', ', company.city ?? '', ')')
""",
    good="""\
city: {template: "{{ company.name }} ({{ company.country ?? '' }}, {{ company.city ?? '' }})"}
""",
    check=check,
    severity=Severity.INFO,
)
