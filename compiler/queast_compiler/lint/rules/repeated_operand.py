"""The same thing on both sides of an operator."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.expr import ast


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        for node in each.nodes:
            repeated = _repeated(node)
            if repeated is not None:
                shown = each.spelling(repeated.at)
                yield Hit(f"`{shown}` stands on both sides", each.span(repeated.at), "name another field, or remove it")


def _repeated(node: ast.Node) -> ast.Node | None:
    match node:
        case ast.And(args=args) | ast.Or(args=args) | ast.Fallback(args=args):
            return next((arg for n, arg in enumerate(args) if arg in args[:n]), None)
        case ast.Compare(left=left, right=right) if left == right:
            return right
        case _:
            return None


RULE = Rule(
    code="QM806",
    title="the same on both sides",
    why=(
        "Both sides of `and`, `or`, `??` or a comparison are the same, so one of them does nothing. Mostly the second"
        " was meant to name another field."
    ),
    instead="Correct the side that was meant to differ, or remove it.",
    bad="""\
city: company.city ?? company.city
""",
    good="""\
city: company.city ?? company.address.city
""",
    check=check,
)
