"""Minutes where a date has its month, or a month where a time has its minutes."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.expr import ast
from queast_dsl.functions.dates import misplaced

_ARE = {"mm": "minutes", "MM": "the month"}


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        for node in each.nodes:
            pattern = _pattern(node)
            if pattern is None or not isinstance(pattern.value, str):
                continue
            found = misplaced(pattern.value)
            if found is not None:
                wrong, meant = found
                message = f"`{wrong}` in `{pattern.value}` is {_ARE[wrong]}"
                yield Hit(message, each.span(pattern.at), f"for {_ARE[meant]} write `{meant}`")


def _pattern(node: ast.Node) -> ast.Constant | None:
    match node:
        case ast.Call(fn="format_date", args=(_, ast.Constant() as pattern)):
            return pattern
        case ast.Call(fn="format_date", named=(ast.Named(name="pattern", value=ast.Constant() as pattern),)):
            return pattern
        case _:
            return None


RULE = Rule(
    code="QM847",
    title="minutes in the place of the month",
    why=(
        "`MM` is the month and `mm` the minutes, so `YYYY-mm-DD` writes a date whose month is how many minutes past "
        "the hour it was."
    ),
    instead="Write `YYYY-MM-DD` for a date and `HH:mm` for a time.",
    bad="city: format_date(company.updated_at, 'YYYY-mm-DD')\n",
    good="city: format_date(company.updated_at, 'YYYY-MM-DD HH:mm')\n",
    check=check,
)
