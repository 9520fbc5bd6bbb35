"""Two comparisons that cannot hold together, or of which one always does."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Parsed, Subject
from queast_dsl.expr import ast
from queast_dsl.expr.unparse import unparse


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        for node in each.nodes:
            match node:
                case ast.And(args=args):
                    yield from _found(each, node, args, "==", "never true", "in")
                case ast.Or(args=args):
                    yield from _found(each, node, args, "!=", "always true", "not in")
                case _:
                    pass


def _found(
    parsed: Parsed, node: ast.Node, args: tuple[ast.Node, ...], op: str, answer: str, word: str
) -> Iterator[Hit]:
    seen: dict[ast.Node, ast.Constant] = {}
    for arg in args:
        match arg:
            case ast.Compare(op=found, left=left, right=ast.Constant() as value) if found == op:
                first = seen.setdefault(left, value)
                if first.value != value.value:
                    both = f"[{unparse(first)}, {unparse(value)}]"
                    help = f"write `{unparse(left)} {word} {both}`"
                    yield Hit(f"this is {answer}", parsed.span(node.at), help)
                    return
            case _:
                pass


RULE = Rule(
    code="QM807",
    title="comparisons that exclude each other",
    why=(
        "One value cannot equal two texts at once, and always differs from at least one of two: the whole condition "
        "has the same answer for every event."
    ),
    instead=(
        "Join equalities with `or` (shorter: `x in ['a', 'b']`) and inequalities with `and` (`x not in ['a', 'b']`)."
    ),
    bad="""\
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    when: company.country == 'NO' and company.country == 'SE'
    fields:
      name: company.name

""",
    good="""\
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    when: company.country == 'NO' or company.country == 'SE'
    fields:
      name: company.name

""",
    check=check,
)
