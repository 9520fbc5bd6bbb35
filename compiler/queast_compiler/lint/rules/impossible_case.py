"""A text in lower case compared with one that is not."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.expr import ast

_CASES = {"lower": str.lower, "upper": str.upper}
_TESTS = {"starts_with", "ends_with", "contains"}


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        for node in each.nodes:
            for made, text in _pairs(node):
                if not isinstance(text.value, str) or not isinstance(made, ast.Call) or made.fn not in _CASES:
                    continue
                right = _CASES[made.fn](text.value)
                if right != text.value:
                    said = f"`{made.fn}` never gives '{text.value}'"
                    # No fix: the comparison is false today, and what is sent would change.
                    yield Hit(said, each.span(text.at), f"write '{right}'")


def _pairs(node: ast.Node) -> Iterator[tuple[ast.Node, ast.Constant]]:
    match node:
        case ast.Compare(op="==" | "!=", left=made, right=ast.Constant() as text):
            yield made, text
        case ast.Compare(op="==" | "!=", left=ast.Constant() as text, right=made):
            yield made, text
        case ast.In(item=made, items=ast.ListOf(items=items)):
            yield from ((made, item) for item in items if isinstance(item, ast.Constant))
        case ast.Call(fn=fn, args=(made, ast.Constant() as text)) if fn in _TESTS:
            yield made, text
        case ast.Call(fn="case", args=(made,), named=named):
            yield from ((made, arm.key) for arm in named if isinstance(arm, ast.Arm))
        case _:
            pass


RULE = Rule(
    code="QM809",
    title="a comparison that letter case makes impossible",
    why=(
        "What `lower` gives has no capital letter and what `upper` gives has no small one, so the comparison is false"
        " for every event."
    ),
    instead="Write the text in the case that the function gives.",
    bad="""\
city: if(lower(company.name) == 'Equinor', 'Oslo', company.city)
""",
    good="""\
city: if(lower(company.name) == 'equinor', 'Oslo', company.city)
""",
    check=check,
)
