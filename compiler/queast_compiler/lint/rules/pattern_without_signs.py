"""A regular expression that is plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.expr import ast
from queast_dsl.expr.unparse import unparse

_PLAIN = re.compile(r"[\w @:/,;-]+")
_INSTEAD = {"matches": "contains", "replace_pattern": "replace"}


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        for node in each.nodes:
            match node:
                case ast.Call(fn=fn, args=(_, ast.Constant(value=str() as pattern), *_)) if fn in _INSTEAD:
                    if _PLAIN.fullmatch(pattern):
                        plain = replace(node, fn=_INSTEAD[fn])
                        help, fix = f"write `{unparse(plain)}`", each.rewritten(node, plain)
                        yield Hit(f"`{pattern}` is plain text", each.span(node.fn_at), help, fix=fix)
                case _:
                    pass


RULE = Rule(
    code="QM823",
    title="a pattern that is plain text",
    why=(
        "The pattern has none of the signs of regular expressions, so it does what the plain function does, and the "
        "next reader looks for a meaning that is not there."
    ),
    instead="Write contains, starts_with, ends_with or replace.",
    bad="""\
city: if(matches(company.name, 'AS'), 'Oslo', company.city)
""",
    good="""\
city: if(contains(company.name, 'AS'), 'Oslo', company.city)
""",
    check=check,
)
