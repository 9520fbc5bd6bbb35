"""Check what a mapping receives, and compile what it makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from queast_compiler.passes.compile_values import template_text
from queast_compiler.passes.expressions import Environment, Typed, compile_expression, compile_template
from queast_compiler.passes.program import Program, ReceiveProgram
from queast_compiler.plan.ir import Expr, Lit
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.document.mapping import Const, Expression, FieldValue, InlineTemplate, Render, Template
from queast_dsl.entities import highlight
from queast_dsl.types import describe, is_text


def compile_receive(program: Program, diagnostics: Diagnostics) -> Program:
    """`note: highlight.note`  ->  a typed expression over the message; without `inbound` on the connection an error."""
    if not program.mapping.receive:
        return program
    _check_verified(program, diagnostics)
    tables = {table.name.value: table for table in program.mapping.tables}
    templates = {template.name.value: template for template in program.mapping.templates}
    # No grant of the `pii:` block is about what a sender tells of itself: only what needs none can be read.
    env = Environment({"highlight": highlight()}, {}, tables, frozenset())
    return replace(
        program,
        receive=tuple(
            ReceiveProgram(each, env, _note(each.then.note, env, templates, diagnostics))
            for each in program.mapping.receive
        ),
    )


def _check_verified(program: Program, diagnostics: Diagnostics) -> None:
    destination = program.destination
    if destination is None or destination.connection.inbound is not None:
        return
    name = destination.connection.name.value
    diagnostics.report(
        "QM550",
        f"connection `{name}` has no `inbound`, so nothing says how what is received is verified",
        program.mapping.receive[0].name.span,
        help=f"add `inbound: {{verify: standard_webhooks, secret: secret://{name}-in}}` to the connection",
    )


def _note(
    note: FieldValue | None, env: Environment, templates: Mapping[str, Template], diagnostics: Diagnostics
) -> Expr | None:
    match note:
        case None:
            return None
        case Expression(text):
            return _text(compile_expression(text, env, diagnostics), note, diagnostics)
        case Const(text):
            return Lit(text.text, text.span.line)
        case InlineTemplate(text):
            typed = compile_template(text, env, diagnostics, "plain")
        case Render(name):
            found = template_text(name, templates, diagnostics)
            typed = None if found is None else compile_template(found, env, diagnostics, "plain")
        case _:
            assert_never(note)
    return None if typed is None else typed.ir


def _text(typed: Typed | None, note: Expression, diagnostics: Diagnostics) -> Expr | None:
    if typed is None:
        return None
    if is_text(typed.type):
        return typed.ir
    diagnostics.report(
        "QM552",
        f"a note is text, and `{note.text.text}` is {describe(typed.type)}",
        note.text.span,
        help="name a text of the highlight, such as `highlight.note`, or write a `template:`",
    )
    return None
