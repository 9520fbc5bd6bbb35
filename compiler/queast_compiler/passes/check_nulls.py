"""Check that what a field says about null can happen, and that a field is not null for every event."""

from __future__ import annotations

from queast_compiler.passes.program import Constant, FieldProgram, Program, RouteProgram
from queast_compiler.passes.write_policy import adds, write_of
from queast_dsl.diagnostics.fixes import left_out
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.document.mapping import place_of
from queast_dsl.types import NullType


def check_nulls(program: Program, diagnostics: Diagnostics) -> Program:
    """`{from: company.name, on_null: clear}`  ->  a warning: a name is never null, so nothing is ever cleared.

    A required property is never cleared, whatever its value may be; a value that is always null is a mistake unless
    it clears the property.
    """
    for route in program.routes:
        for each in route.fields:
            if each.property is not None and each.value is not None:
                _check(each, route, diagnostics)
    return program


def _check(current: FieldProgram, route: RouteProgram, diagnostics: Diagnostics) -> None:
    property, on_null = current.property, current.field.on_null
    if property is None:
        return
    name = property.shown
    always_null, may_be_null = _nulls(current)
    if adds(current.field) and on_null is not None and on_null.value == "clear":
        diagnostics.report(
            "QM335",
            f"`{name}` keeps what it holds by `write: add`, so a null cannot clear it",
            on_null.span,
            help="leave `on_null` out, or say `write: always` to replace what it holds",
        )
        return
    if always_null and not property.required and (on_null is None or on_null.value != "clear"):
        diagnostics.report(
            "QM329",
            f"`{name}` is null for every event, so nothing is ever written",
            place_of(current.field.value),
            help="remove the field, or say `on_null: clear` to empty the property",
        )
        return
    # A null for a required property is reported as such, with whatever was to follow.
    if on_null is None or (may_be_null and property.required):
        return
    if on_null.value == "clear" and property.required:
        diagnostics.report(
            "QM332",
            f"`{name}` is required, so it can never be cleared",
            on_null.span,
            help="leave `on_null` out",
            fix=left_out(on_null.span),
        )
    elif not may_be_null:
        diagnostics.report(
            "QM328",
            f"`{name}` is never null here, so `on_null: {on_null.value}` never acts",
            on_null.span,
            help="leave `on_null` out",
            fix=left_out(on_null.span),
        )
    elif on_null.value == "clear" and (where := _where_nothing_is(current, route)) is not None:
        diagnostics.report(
            "QM328",
            f"`{name}` is only written {where}, where there is nothing to clear",
            on_null.span,
            help="leave `on_null` out",
            fix=left_out(on_null.span),
        )


def _nulls(current: FieldProgram) -> tuple[bool, bool]:
    """Return whether the value is null for every event, and whether it may be null at all."""
    match current.value:
        case None | Constant():
            return False, False
        case typed:
            is_null = isinstance(typed.type, NullType)
            return is_null, is_null or typed.nullable


def _where_nothing_is(current: FieldProgram, route: RouteProgram) -> str | None:
    """Say, for a field that never overwrites anything, where it is written."""
    if route.object is None:
        return None
    policy = write_of(current.field, route.object)
    if route.object.action == "create" or policy == "on_create":
        return "into new records"
    return "into an empty property" if policy == "if_empty" else None
