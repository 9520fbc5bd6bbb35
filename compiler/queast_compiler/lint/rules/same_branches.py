"""A choice between a thing and itself."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.expr import ast
from queast_dsl.expr.unparse import unparse


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        for node in each.nodes:
            if len(results := _results(node)) > 1 and all(result == results[0] for result in results):
                help, fix = f"write `{unparse(results[0])}`", each.rewritten(node, results[0])
                yield Hit("every branch gives the same", each.span(node.at), help, fix=fix)


def _results(node: ast.Node) -> list[ast.Node]:
    match node:
        case ast.Call(fn="if", args=(_, then, orelse)):
            return [then, orelse]
        case ast.Call(fn="case", named=named) if any(isinstance(arm, ast.Named) for arm in named):
            return [arm.value for arm in named]
        case _:
            return []


RULE = Rule(
    code="QM805",
    title="a choice whose results are all the same",
    why=(
        "Every branch of the choice gives the same result, so the condition decides nothing. Mostly one branch was "
        "copied and not changed."
    ),
    instead="Change the branch that was meant to differ, or write the result alone.",
    bad="""\
city: if(company.country == 'NO', company.city, company.city)
""",
    good="""\
city: if(company.country == 'NO', company.city, company.country)
""",
    check=check,
)
