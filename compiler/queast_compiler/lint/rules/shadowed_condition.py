"""A condition of a choice that an earlier one covers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from queast_compiler.lint.implied import implies
from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Parsed, Subject, choices_of
from queast_dsl.diagnostics.model import Note
from queast_dsl.expr import ast


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        below: set[int] = set()
        for node in each.nodes:
            if id(node) not in below:
                yield from _shadowed((each, condition) for condition in _chain(node, below))
    for written in {each.text.span: each for each in subject.templates}.values():
        for conditions in choices_of(written):
            yield from _shadowed((each, each.node) for each in conditions)


def _chain(node: ast.Node, below: set[int]) -> Iterator[ast.Node]:
    """The conditions of `if(a, …, if(b, …, …))`: a, b. The inner calls are noted as seen."""
    while isinstance(node, ast.Call) and node.fn == "if" and len(node.args) == 3:
        below.add(id(node))
        yield node.args[0]
        node = node.args[2]


def _shadowed(conditions: Iterable[tuple[Parsed, ast.Node]]) -> Iterator[Hit]:
    told: set[ast.Range] = set()
    for (before, first), (parsed, later) in combinations(conditions, 2):
        if later.at not in told and implies(later, first):
            told.add(later.at)
            note = Note("it holds whenever the other does", before.span(first.at))
            yield Hit(
                f"`{parsed.spelling(later.at)}` is never reached: an earlier condition takes everything it asks for",
                parsed.span(later.at),
                "put it before the other, or take it out",
                (note,),
            )


RULE = Rule(
    code="QM840",
    title="a condition that an earlier one covers",
    why=(
        "The branches of a choice are tried in order. Where an earlier condition holds whenever a later one does, the "
        "later branch is never taken, and what it says is never sent."
    ),
    instead="Ask the narrower question first: `if(x >= 1000, 'large', if(x >= 100, 'medium', 'small'))`.",
    bad="""\
city: if(company.employee_count >= 100, 'medium', if(company.employee_count >= 1000, 'large', 'small'))
""",
    good="""\
city: if(company.employee_count >= 1000, 'large', if(company.employee_count >= 100, 'medium', 'small'))
""",
    check=check,
)
