"""A function whose second application changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.expr import ast
from queast_dsl.expr.unparse import unparse

# What the outer one makes of what the inner one made is the same as without the inner one, for every text: `lower` is
# none after `upper`, which makes `SS` of `ß`.
_COVERED = {
    "lower": {"lower"},
    "upper": {"upper"},
    "trim": {"trim"},
    "squeeze": {"squeeze", "trim"},
    "ascii": {"ascii"},
    "unique": {"unique"},
    "sort": {"sort"},
    "none_if_blank": {"none_if_blank"},
}


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        for node in each.nodes:
            match node:
                case ast.Call(fn=outer, args=(ast.Call(fn=inner, args=(of,), named=()) as made,), named=()):
                    if inner in _COVERED.get(outer, ()):
                        plain = replace(node, args=(of,))
                        help, fix = f"write `{unparse(plain)}`", each.rewritten(node, plain)
                        yield Hit(f"`{inner}` does nothing before `{outer}`", each.span(made.fn_at), help, fix=fix)
                case _:
                    pass


RULE = Rule(
    code="QM810",
    title="a function applied twice",
    why="The function changes nothing the second time, and what another does is done by the outer one already.",
    instead="Write the function once.",
    bad="""\
city: company.city | trim | trim
""",
    good="""\
city: company.city | trim
""",
    check=check,
)
