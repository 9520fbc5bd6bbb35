"""Check the length of a text against the property that is to hold it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from queast_compiler.passes.expressions import Environment, Typed
from queast_compiler.passes.expressions.shortest import results, shortest_text
from queast_compiler.passes.properties import Property
from queast_compiler.plan.ir import Lit, Lookup
from queast_dsl.diagnostics.model import Diagnostics, Note
from queast_dsl.document.mapping import (
    Const,
    Expression,
    Field,
    FieldValue,
    InlineTemplate,
    Render,
    Table,
    place_of,
)
from queast_dsl.expr import ast
from queast_dsl.expr.parser import parse
from queast_dsl.expr.walk import walk
from queast_dsl.source import Located, Span
from queast_dsl.types import EnumType, StrType, max_length


def check_length(field: Field, typed: Typed, property: Property, env: Environment, diagnostics: Diagnostics) -> None:
    """`region_code: if(company.country == 'NO', 'NO', 'toolong')` for a property that holds 4  ->  an error: what is
    written out never fits, nor does a text that is always longer.

    One that is only sometimes longer is an error where the property is required, for then the whole record fails, and
    a warning where that field alone is left out.
    """
    limit = property.max_length
    if limit is None or property.overflow != "error" or not isinstance(typed.type, StrType | EnumType):
        return
    if _report_written_out(field.value, typed, property, limit, env.tables, diagnostics):
        return
    span = place_of(field.value)
    least = shortest_text(typed.ir, typed.type, env.tables)
    longest = max_length(typed.type)
    if least > limit:
        diagnostics.report(
            "QM325",
            f"the text has at least {least:,} characters, and `{property.shown}` holds {limit:,}",
            span,
            help=_shortening(field.value, limit),
        )
    elif longest is None or longest > limit:
        found = "any number of characters" if longest is None else f"up to {longest:,} characters"
        message = f"the text may have {found}, and `{property.shown}` holds {limit:,}"
        if property.required:
            message += " and is required: a record with a longer one fails"
        else:
            message += ": a longer one is left out"
        code = "QM336" if property.required else "QM327"
        diagnostics.report(code, message, span, help=_shortening(field.value, limit))


def _report_written_out(
    value: FieldValue,
    typed: Typed,
    property: Property,
    limit: int,
    tables: Mapping[str, Table],
    diagnostics: Diagnostics,
) -> bool:
    """Report the texts among the results that the tenant wrote out and that never fit; say whether there are any."""
    place = place_of(value)
    found: dict[Span, tuple[str, tuple[Note, ...]]] = {}
    for result in results(typed.ir):
        match result:
            case Lit(value=str() as text) if len(text) > limit:
                found[_place_of_literal(value, text) or place] = (text, ())
            case Lookup(table=name) if name in tables:
                note = Note(f"`{property.shown}` takes it from the table here", place)
                found |= {row.span: (row.value, (note,)) for row in _rows(tables[name]) if len(row.value) > limit}
            case _:
                pass
    for span, (text, notes) in found.items():
        diagnostics.report(
            "QM325",
            f"the text has {len(text):,} characters, and `{property.shown}` holds {limit:,}",
            span,
            help="shorten it",
            notes=notes,
        )
    return bool(found)


def _rows(table: Table) -> Iterator[Located[str]]:
    return (result for _, result in table.rows)


def _place_of_literal(value: FieldValue, text: str) -> Span | None:
    """Return where an expression has a text written out."""
    if not isinstance(value, Expression):
        return None
    nodes = walk(parse(value.text.text))
    at = next((each.at for each in nodes if isinstance(each, ast.Constant) and each.value == text), None)
    return None if at is None else value.text.at(at.start, at.end)


def _shortening(value: FieldValue, limit: int) -> str:
    match value:
        case Expression(text):
            return f"to send the beginning of a longer one: `truncate({text.text}, {limit})`"
        case Const() | InlineTemplate() | Render():
            return f"shorten its values, such as `{{{{ truncate(…, {limit}) }}}}`"
