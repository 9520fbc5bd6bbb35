"""Words that are written as one and read as a calculation: `person.full-name`, `YYYY-MM-DD` without its quotes; and
lists of such words."""

from __future__ import annotations

import re

from queast_compiler.passes.expressions.value import Scope
from queast_dsl.diagnostics.nearest import nearest
from queast_dsl.expr import ast
from queast_dsl.expr.walk import chain, walk
from queast_dsl.functions import FORMS, REGISTRY
from queast_dsl.types import ListType, ObjectType, Type

_GLUED = re.compile(r"[A-Za-z_][\w.]*(?:[-/][A-Za-z_]\w*)+")


def report_glued(node: ast.Arith, scope: Scope) -> bool:
    """Report a calculation without blanks that is one word with hyphens or strokes; return whether it is one."""
    text = scope.text.text[node.at.start : node.at.end]
    if _GLUED.fullmatch(text) is None:
        return False
    first: ast.Node = node
    while isinstance(first, ast.Arith):
        first = first.left
    if isinstance(first, ast.Member):
        return _report_field(first, node, scope)
    names = [part.text for part in walk(node) if isinstance(part, ast.Name)]
    if any(_is_known(name, scope) for name in names) or any(isinstance(part, ast.Member) for part in walk(node)):
        return False
    scope.report(
        "QM210",
        f"`{text}` is not known here",
        node.at,
        f"text stands in quotes: '{text}'",
        scope.writing(node.at, f"'{text}'"),
    )
    return True


def report_words(node: ast.ListOf, scope: Scope) -> bool:
    """Report a list of several words without quotes, `[NO, SE]`, once; return whether it is one."""
    names = [item.text for item in node.items if isinstance(item, ast.Name)]
    if len(names) < 2 or len(names) != len(node.items) or any(_is_known(name, scope) for name in names):
        return False
    meant = "[" + ", ".join(f"'{name}'" for name in names) + "]"
    message = f"`{names[0]}` and what follows it are not known here"
    help = f"text stands in quotes: {meant}" if len(meant) <= 80 else "text stands in quotes"
    scope.report("QM210", message, node.at, help, scope.writing(node.at, meant))
    return True


def _is_known(name: str, scope: Scope) -> bool:
    known = (*scope.env.names, *scope.env.tables, *REGISTRY, *FORMS)
    return name in known or nearest(name, scope.env.names) is not None


def _report_field(first: ast.Member, node: ast.Arith, scope: Scope) -> bool:
    """`person.full-name`, where a person has no `full` and has a `full_name`."""
    words = chain(first.of)
    shape = None if words is None else shape_at(words, scope)
    if shape is None or shape.get(first.name) is not None:
        return False
    written = scope.text.text[first.name_at.start : node.at.end]
    meant = re.sub(r"[-/]", "_", written)
    if shape.get(meant) is None:
        return False
    where = scope.spelling(first.of.at)
    at = ast.Range(first.name_at.start, node.at.end)
    help = f"did you mean `{where}.{meant}`?  all fields: qmap fields {shape.name.partition('.')[0]}"
    scope.report("QM211", f"`{where}` has no field `{written}`", at, help, scope.writing(at, meant))
    return True


def shape_at(words: tuple[str, ...], scope: Scope) -> ObjectType | None:
    """Return the object that a plain path names, None where there is none."""
    env = scope.env
    root, *steps = (*env.aliases.get(words[0], (words[0],)), *words[1:])
    found: Type | None = env.variables.get(root) or env.roots.get(root)
    for step in steps:
        inner = found.get(step) if isinstance(found, ObjectType) else None
        found = None if inner is None else inner.type
    found = found.item if isinstance(found, ListType) else found
    return found if isinstance(found, ObjectType) else None
