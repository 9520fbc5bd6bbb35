"""A negation of a negation, or of a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from queast_compiler.lint.questions import asked, is_true_or_false
from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.diagnostics.model import Severity
from queast_dsl.expr import ast
from queast_dsl.expr.unparse import unparse

_OPPOSITES: dict[ast.CompareOp, ast.CompareOp] = {"==": "!=", "!=": "=="}


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        questions = {id(node) for node in asked(each)}
        inner: set[int] = set()
        for node in each.nodes:
            if not isinstance(node, ast.Not) or id(node) in inner:
                continue
            if (plain := _plain(node.of)) is None:
                continue
            inner.add(id(node.of))
            # `not not` of a text is true or false, and the text itself is not: only a question can do without it.
            if not isinstance(node.of, ast.Not) or id(node) in questions or is_true_or_false(each, plain):
                help, fix = f"write `{unparse(plain)}`", each.rewritten(node, plain)
                yield Hit("`not` can be left out here", each.span(node.at), help, fix=fix)


def _plain(negated: ast.Node) -> ast.Node | None:
    match negated:
        case ast.Not(of=of):
            return of
        case ast.Compare(op=op) if op in _OPPOSITES:
            return replace(negated, op=_OPPOSITES[op])
        case ast.In():
            return replace(negated, negated=not negated.negated)
        case _:
            return None


RULE = Rule(
    code="QM808",
    title="a negation that can be left out",
    why="`not` before a negation or a comparison is read slowly and understood wrongly.",
    instead="Write the opposite: `a != b` for `not (a == b)`, `a` for `not not a` in a condition.",
    bad="""\
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    when: not (company.country == 'NO')
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
    when: company.country != 'NO'
    fields:
      name: company.name

""",
    check=check,
    severity=Severity.INFO,
)
