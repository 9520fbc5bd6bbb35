"""Escape plain text on its way into a property that holds markup."""

from __future__ import annotations

from queast_compiler.passes.expressions import Typed
from queast_compiler.passes.properties import Property
from queast_compiler.plan.ir import Call, Expr
from queast_dsl.document.mapping import Expression, FieldValue
from queast_dsl.types import StrType


def escaped_for(property: Property, value: FieldValue, typed: Typed) -> Expr:
    """Return the value's IR, escaped where markup in it would be taken for the mapping's own.

    `hs_note_body: signal.title`  ->  escape_html(signal.title). A template escapes its own values, and a function that
    makes markup says so by its type.
    """
    if not isinstance(value, Expression):
        return typed.ir
    match property.type:
        case "html" | "markdown" as markup:
            if isinstance(typed.type, StrType) and typed.type.format == markup:
                return typed.ir
            return Call(f"escape_{markup}", (typed.ir,), typed.ir.line)
        case _:
            return typed.ir
