"""Conditions inside each other that compare one value."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.expr import ast
from queast_dsl.expr.unparse import unparse

_FEWEST = 3


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        inner: set[ast.Node] = set()
        for node in each.nodes:
            if node in inner:
                continue
            arms, rest, value, below = _arms(node)
            inner.update(below)
            if len(arms) >= _FEWEST and value is not None:
                made = ast.Call("case", (value,), (*arms, ast.Named("else", rest)))
                help, fix = f"write `{unparse(made)}`", each.rewritten(node, made)
                yield Hit("these conditions compare one value", each.span(node.at), help, fix=fix)


def _is_new(key: ast.Constant, arms: list[ast.Arm]) -> bool:
    """A case has no null as a key, and each key once."""
    return key.value is not None and all(key.value != arm.key.value for arm in arms)


def _arms(node: ast.Node) -> tuple[list[ast.Arm], ast.Node, ast.Node | None, list[ast.Node]]:
    """The keys and results of `if(x == 'a', …, if(x == 'b', …))`, what is left, x, and the conditions inside."""
    arms: list[ast.Arm] = []
    value: ast.Node | None = None
    below: list[ast.Node] = []
    while True:
        match node:
            case ast.Call(
                fn="if", args=(ast.Compare(op="==", left=left, right=ast.Constant() as key), then, orelse)
            ) if value in (None, left) and _is_new(key, arms):
                value = left
                arms.append(ast.Arm(key, then))
                node = orelse
                below.append(node)
            case _:
                return arms, node, value, below


RULE = Rule(
    code="QM824",
    title="nested conditions on one value",
    why="Conditions inside each other are read from the inside out, and a forgotten bracket changes what they mean.",
    instead="Write case: `case(company.country, 'NO' = 'Norway', 'SE' = 'Sweden', else = 'Other')`.",
    bad="""\
city: if(company.country == 'NO', 'a', if(company.country == 'SE', 'b', if(company.country == 'DK', 'c', 'd')))
""",
    good="""\
city: case(company.country, 'NO' = 'a', 'SE' = 'b', 'DK' = 'c', else = 'd')
""",
    check=check,
)
