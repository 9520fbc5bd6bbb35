"""A count that only asks whether there is anything."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.questions import decisive, may_be_null
from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Parsed, Subject
from queast_dsl.expr import ast
from queast_dsl.expr.unparse import unparse

_IS_NOTHING = ("==", "<=")


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        where_true = {id(node) for node in decisive(each)}
        for node in each.nodes:
            match node:
                case ast.Compare(op="==" | "!=" | ">" | "<=" as op, left=left, right=ast.Constant(value=0)):
                    said = _instead(each, left, op in _IS_NOTHING, id(node) in where_true)
                case _:
                    continue
            if said is not None and isinstance(left, ast.Call):
                plain, help = said
                fix = None if plain is None else each.rewritten(node, plain)
                message = f"`{left.fn}` counts only to ask whether there is anything"
                yield Hit(message, each.span(node.at), help, fix=fix)


def _instead(
    parsed: Parsed, counted: ast.Node, is_nothing: bool, where_true: bool
) -> tuple[ast.Node | None, str] | None:
    """Return what asks the same of every event, None where nothing does, and what to tell."""
    match counted:
        case ast.Call(fn="count", args=(of,)):
            empty = ast.Call("is_empty", (of,))
            plain: ast.Node = empty if is_nothing else ast.Not(empty)
            if not may_be_null(parsed, of) or (where_true and not is_nothing):
                return plain, f"write `{unparse(plain)}`"
            missing = "holds" if is_nothing else "is false"
            return None, f"`{unparse(plain)}` {missing} where the list is missing too, where this is null"
        case ast.Call(fn="length", args=(of,)):
            blank = ast.Call("is_blank", (of,))
            plain = blank if is_nothing else ast.Not(blank)
            missing = "holds" if is_nothing else "is false"
            return None, f"`{unparse(plain)}` {missing} for nothing but blanks too, and where the text is missing"
        case _:
            return None


RULE = Rule(
    code="QM812",
    title="counting to ask whether there is anything",
    why=(
        "A count that is compared with 0 asks whether there is anything, and gives null where the list or text is "
        "missing: then the condition counts as false whichever way it was meant."
    ),
    instead=(
        "Write is_empty(list) or is_blank(text), which are never null, with `not` for the opposite. They also "
        "hold where the list or text is missing, and is_blank for a text of blanks."
    ),
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
