"""A text that is cut into parts for the first or last of them."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.diagnostics.model import Severity
from queast_dsl.expr import ast
from queast_dsl.expr.unparse import unparse


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        for node in each.nodes:
            match node:
                case ast.Call(fn="first", args=(ast.Call(fn="split", args=(of, mark)),)):
                    pass
                case ast.Index(n=0, of=ast.Call(fn="split", args=(of, mark))):
                    pass
                case _:
                    continue
            plain = ast.Call("before", (of, mark))
            help, fix = f"write `{unparse(plain)}`", each.rewritten(node, plain)
            yield Hit("only the first part is used", each.span(node.at), help, fix=fix)


RULE = Rule(
    code="QM832",
    title="cutting a text for its first part",
    why=(
        "Cutting a whole text into a list to take one end of it does more than it needs, and fails on a text with "
        "more parts than a list may have."
    ),
    instead="Write before(text, mark) for the first part.",
    bad="""\
city: first(split(company.name, ' '))
""",
    good="""\
city: before(company.name, ' ')
""",
    check=check,
    severity=Severity.INFO,
)
