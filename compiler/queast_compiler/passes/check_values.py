"""Check each value against the property that is to hold it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from queast_compiler.passes.check_length import check_length
from queast_compiler.passes.expressions import Environment, Typed
from queast_compiler.passes.missing_account import report_missing_account
from queast_compiler.passes.program import Constant, Destination, Program
from queast_compiler.passes.properties import Property
from queast_compiler.passes.table_rows import rows_giving
from queast_compiler.passes.value_types import closed_values, holds, in_words
from queast_compiler.passes.write_policy import adds, is_one_option
from queast_compiler.plan.ir import Expr, Lit
from queast_dsl.diagnostics.fixes import renamed, written
from queast_dsl.diagnostics.model import Diagnostics, Edit, Fix, Note, Part
from queast_dsl.diagnostics.nearest import did_you_mean, listed, nearest
from queast_dsl.document.mapping import Expression, Field, FieldValue, place_of
from queast_dsl.source import SourceText, Span
from queast_dsl.types import (
    BoolType,
    DatetimeType,
    DateType,
    EnumType,
    IntType,
    ListType,
    NullType,
    NumType,
    Type,
    UnknownType,
    describe,
)

# More than that are not slips of the finger: the table was written for another property.
_MOST_ROWS = 5
_BARE = re.compile(r"-?[0-9]+(?:\.[0-9]+)?|true|false")


def check_values(program: Program, diagnostics: Diagnostics) -> Program:
    """`numberofemployees: company.name`  ->  an error: text into a number; each value is reported once at most."""
    for route in program.routes:
        if route.environment is None or program.destination is None:
            continue
        for each in route.fields:
            match each.value:
                case None | Constant():
                    continue
                case typed:
                    if each.property is not None:
                        _check(each.field, typed, each.property, program.destination, route.environment, diagnostics)
    return program


def _check(
    field: Field,
    typed: Typed,
    property: Property,
    destination: Destination,
    env: Environment,
    diagnostics: Diagnostics,
) -> None:
    value, span = field.value, place_of(field.value)
    found: Type = typed.type
    if isinstance(typed.ir, Lit) and isinstance(typed.ir.value, str):
        # A literal is as closed as a type can be.
        found = EnumType((typed.ir.value,))
    if not holds(property.type, found) and not (adds(field) and is_one_option(found)):
        diagnostics.report(
            "QM320",
            f"`{property.shown}` holds {in_words(property)}, and this is {describe(typed.type)}",
            span,
            help=_type_help(value, found, property, env),
            fix=_as_text(value, typed.ir, _conversion(property, found)),
        )
        return
    if not isinstance(found, NullType | UnknownType) and not _check_options(
        found, typed, property, destination, span, env, diagnostics
    ):
        return
    if (typed.nullable or isinstance(found, NullType)) and property.required:
        diagnostics.report(
            "QM322",
            f"`{property.shown}` is required, and this value may be null",
            span,
            help=_null_help(value, property),
        )
        return
    check_length(field, typed, property, env, diagnostics)


def _check_options(
    found: Type,
    typed: Typed,
    property: Property,
    destination: Destination,
    span: Span,
    env: Environment,
    diagnostics: Diagnostics,
) -> bool:
    match property.type:
        case "enumeration" | "set":
            known: Sequence[str] = property.option_values
        case "owner":
            known = [owner.id for owner in destination.account.owners] if destination.account is not None else []
        case _:
            return True
    if not known and destination.account is None:
        report_missing_account(destination, diagnostics)
        return False
    if not known and property.type != "owner":
        diagnostics.report(
            "QM326",
            f"no options of `{property.shown}` are listed, so no value can be checked",
            span,
            help="list the property with its options in the account file",
        )
        return False
    options = frozenset(known)
    strange = [value for value in closed_values(found) if value not in options]
    if not strange:
        return True
    rows = rows_giving(typed.ir, env.tables, frozenset(strange))
    if property.type != "owner" and len(rows) <= _MOST_ROWS and {row.value for row in rows} == set(strange):
        for row in rows:
            hint = did_you_mean(row.value, known) or f"options: {listed(known)}"
            note = Note(f"`{property.shown}` takes it from the table here", span)
            message = f"`{row.value}` is not an option of `{property.shown}`"
            fix = renamed(row.span, row.value, known)
            diagnostics.report("QM321", message, row.span, help=hint, notes=(note,), fix=fix)
        return False
    if property.type == "owner":
        help = f"write an owner's address as a constant: `{property.shown}: {{const: name@company.example}}`"
    elif len(strange) == 1 and (near := nearest(strange[0], known)) is not None:
        help = f"did you mean `{near}`?"
    else:
        help = f"translate with a table: `… | lookup(table, else = null)`; options: {listed(known)}"
    what = "an owner" if property.type == "owner" else "an option"
    plural = "is not " + what if len(strange) == 1 else "are not " + what.split(" ")[1] + "s"
    diagnostics.report("QM321", f"{listed(strange, 5)} {plural} of `{property.shown}`", span, help=help)
    return False


def _as_text(value: FieldValue, ir: Expr, function: str | None) -> Fix | None:
    """`company.revenue`  ->  write `text(company.revenue)`, `5`  ->  write `{const: "5"}`.

    None where it is no expression, or where something would be lost or made up: rounding a number or leaving out the
    time of day is for a person to decide.
    """
    if function != "text" or not isinstance(value, Expression):
        return None
    if isinstance(ir, Lit):
        if _BARE.fullmatch(value.text.text) is None:
            return None
        # As it is written: a number would lose what tells `1.50` from `1.5`.
        text = f'{{const: "{value.text.text}"}}'
        return Fix(f"write `{text}`", (Edit(value.text.span, text, Part.YAML),))
    return written(value.text.span, f"{function}({value.text.text})")


def _conversion(property: Property, found: Type) -> str | None:
    """Return the function that turns a value into what the property holds, where there is an obvious one."""
    match property.type, found:
        case "string" | "text" | "html" | "markdown", IntType() | NumType() | BoolType() | DateType() | DatetimeType():
            return "text"
        case "integer", NumType():
            return "round_int"
        case "date", DatetimeType():
            return "date_of"
        case "datetime", DateType():
            return "start_of_day"
        case _:
            return None


def _type_help(value: FieldValue, found: Type, property: Property, env: Environment) -> str:
    conversion = _conversion(property, found)
    if conversion is not None and isinstance(value, Expression):
        return f"nothing is converted silently: write `{conversion}({value.text.text})`"
    match property.type:
        case "set" if isinstance(found, ListType):
            some = [repr(each) for each in property.option_values[:2]]
            return (
                "no function translates the items of a list: write options themselves, such as "
                f"`[{', '.join(some)}]`, or one of them from a field by `… | lookup(table, else = null)`"
            )
        case "enumeration" | "set":
            return "translate with a table: `… | lookup(table, else = null)`"
        case "owner":
            return f"write an owner's address as a constant: `{property.shown}: {{const: name@company.example}}`"
        case _:
            pass
    fitting = [
        f"{root}.{each.name}"
        for root, shape in sorted(env.roots.items())
        for each in shape.properties
        if holds(property.type, each.type)
    ]
    if not fitting or property.type in ("string", "text", "html", "markdown"):
        return f"nothing is converted silently: write an expression that gives {in_words(property)}"
    return f"fields that hold {in_words(property)}: {listed(fitting, 6)}"


def _null_help(value: FieldValue, property: Property) -> str:
    match value:
        case Expression(text) if property.type in ("string", "text", "html", "markdown"):
            return f"give a value for the empty case: `{_with_fallback(text)}`"
        case _:
            return "give a value for the empty case with `??`"


def _with_fallback(text: SourceText) -> str:
    whole = f"({text.text})" if "|" in text.text else text.text
    return f"{whole} ?? 'unknown'"
