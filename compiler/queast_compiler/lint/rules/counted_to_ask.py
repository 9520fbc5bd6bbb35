"""A count that only asks whether there is anything."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.expr import ast
from queast_dsl.expr.unparse import unparse
from queast_dsl.expr.walk import walk

_ASKS = {"count": "is_empty", "length": "is_blank"}


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        for node in walk(each.node):
            match node:
                case ast.Compare(op=op, left=ast.Call(fn=fn, args=(of,)), right=ast.Constant(value=0)) if (
                    fn in _ASKS and op in ("==", "!=", ">", "<=")
                ):
                    asked: ast.Node = ast.Call(_ASKS[fn], (of,))
                    plain = ast.Not(asked) if op in ("!=", ">") else asked
                    help, fix = f"write `{unparse(plain)}`", each.rewritten(node, plain)
                    yield Hit(f"`{fn}` counts only to ask whether there is anything", each.span(node.at), help, fix=fix)
                case _:
                    pass


RULE = Rule(
    code="QM812",
    title="counting to ask whether there is anything",
    why=(
        "A count that is compared with 0 asks whether there is anything, and gives null where the list or text is "
        "missing: then the condition counts as false whichever way it was meant."
    ),
    instead="Write is_empty(list) or is_blank(text), which are never null, with `not` for the opposite.",
    bad="""\
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    when: count(company.technologies) > 0
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
    when: not is_empty(company.technologies)
    fields:
      name: company.name

""",
    check=check,
)
