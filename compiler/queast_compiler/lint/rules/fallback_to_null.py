"""A fallback to null."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.expr import ast


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        for node in each.nodes:
            match node:
                case ast.Fallback(args=(*_, kept, ast.Constant(value=None) as last)):
                    fix = each.cut_out(kept.at.end, last.at.end)
                    yield Hit("falling back to null does nothing", each.span(last.at), "leave it out", fix=fix)
                case ast.Call(fn="coalesce" | "default", args=(_, *_, ast.Constant(value=None) as last)):
                    yield Hit("falling back to null does nothing", each.span(last.at), "leave it out")
                case ast.Call(
                    fn="case", named=(*_, kept_arm, ast.Named(name="else", value=ast.Constant(value=None) as last))
                ):
                    fix = each.cut_out(kept_arm.at.end, last.at.end)
                    yield Hit(
                        "a case without `else` gives null already", each.span(last.at), "leave `else` out", fix=fix
                    )
                case _:
                    pass


RULE = Rule(
    code="QM811",
    title="a fallback that is null",
    why="Where a value is missing it is null already, so falling back to null does nothing.",
    instead="Leave the fallback out, or give a value that is worth having.",
    bad="""\
city: company.city ?? null
""",
    good="""\
city: company.city ?? 'unknown'
""",
    check=check,
)
