"""A function on a field that is already as the function makes it."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.expr import ast
from queast_dsl.expr.unparse import unparse
from queast_dsl.types import StrType

_FORMS = {
    "hostname": {"domain", "url_host", "trim"},
    "country": {"upper", "trim"},
}


def check(subject: Subject) -> Iterator[Hit]:
    for each in subject.expressions:
        for node in each.nodes:
            match node:
                case ast.Call(fn=fn, args=(of,)):
                    field = each.property_of(of)
                    form = field.type.format if field is not None and isinstance(field.type, StrType) else None
                    if form is not None and fn in _FORMS.get(form, ()):
                        shown = each.spelling(of.at)
                        help = f"write `{unparse(of)}`"
                        # The schema holds countries to their form. That a domain is registrable it only says.
                        fix = each.rewritten(node, of) if form == "country" else None
                        yield Hit(f"`{fn}` does nothing to `{shown}`", each.span(node.fn_at), help, fix=fix)
                case _:
                    pass


RULE = Rule(
    code="QM817",
    title="a function on a field that needs none",
    why=(
        "Queast gives these fields in one form: domains are registrable, countries are two capital letters. "
        "The function does nothing."
    ),
    instead="Write the field alone.",
    bad="""\
domain: company.domain | domain
""",
    good="""\
domain: company.domain
""",
    check=check,
)
