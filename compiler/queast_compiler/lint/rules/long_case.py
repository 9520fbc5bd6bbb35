"""A case that is a table."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.diagnostics.model import Severity
from queast_dsl.expr import ast

_MOST = 5


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        for node in each.nodes:
            match node:
                case ast.Call(fn="case", named=named) if _is_table(named):
                    arms = sum(isinstance(arm, ast.Arm) for arm in named)
                    yield Hit(f"{arms} keys with constant results are a table", each.span(node.at), _HELP)
                case _:
                    pass


_HELP = "write them under `tables:` and look them up"


def _is_table(named: tuple[ast.Argument, ...]) -> bool:
    arms = [arm for arm in named if isinstance(arm, ast.Arm)]
    return len(arms) > _MOST and all(
        isinstance(arm.key.value, str) and isinstance(arm.value, ast.Constant) and isinstance(arm.value.value, str)
        for arm in arms
    )


RULE = Rule(
    code="QM825",
    title="a case with many constant results",
    why="A long list of keys and results in one line is hard to review, and every change rewrites the line.",
    instead="Make it a table: `lookup(company.country, countries, else = 'Other')`, one row a line.",
    bad="""\
city: case(company.country, 'NO' = 'a', 'SE' = 'b', 'DK' = 'c', 'FI' = 'd', 'IS' = 'e', 'DE' = 'f', else = 'g')
""",
    good="""\
city: lookup(company.country, countries, else = 'g')
tables:
  countries: {'NO': a, 'SE': b, 'DK': c, 'FI': d, 'IS': e, 'DE': f}
""",
    check=check,
    severity=Severity.INFO,
)
