"""Compile the value of each field, knowing the property it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from queast_compiler.passes.constants import read_constant
from queast_compiler.passes.expressions import Destination as ValueDestination
from queast_compiler.passes.expressions import Environment, Typed, compile_expression, compile_template
from queast_compiler.passes.program import Constant, Destination, FieldProgram, Program, RouteProgram
from queast_compiler.passes.properties import Property
from queast_dsl.diagnostics.fixes import renamed
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.nearest import did_you_mean, listed
from queast_dsl.document.connector import PropertyType
from queast_dsl.document.mapping import Const, Expression, FieldValue, InlineTemplate, Render, Template
from queast_dsl.source import Located, SourceText

Escape = Literal["html", "markdown", "plain"]


def compile_values(program: Program, diagnostics: Diagnostics) -> Program:
    """`numberofemployees: company.employee_count`  ->  a typed expression; `{const: 25}`  ->  a literal of the type."""
    templates = {template.name.value: template for template in program.mapping.templates}

    def compiled(current: RouteProgram) -> RouteProgram:
        env = current.environment
        if env is None:
            return current
        return replace(
            current,
            fields=tuple(_compiled(each, env, templates, program.destination, diagnostics) for each in current.fields),
        )

    return program.with_routes(compiled)


def _compiled(
    current: FieldProgram,
    env: Environment,
    templates: Mapping[str, Template],
    destination: Destination | None,
    diagnostics: Diagnostics,
) -> FieldProgram:
    # A property that is not known still has its value checked: the two are mistakes of their own.
    return replace(
        current,
        value=_value(
            current.field.value,
            current.property,
            env.at("fields", current.field.name.value),
            templates,
            destination,
            diagnostics,
        ),
    )


def _value(
    value: FieldValue,
    property: Property | None,
    env: Environment,
    templates: Mapping[str, Template],
    destination: Destination | None,
    diagnostics: Diagnostics,
) -> Typed | Constant | None:
    match value:
        case Expression(text):
            target = None
            if property is not None:
                target = ValueDestination(property.shown, property.type, property.option_values)
            return compile_expression(text, env, diagnostics, target)
        case Const(text):
            if property is None or destination is None:
                return None
            constant = read_constant(text, property, destination, diagnostics)
            return Constant(constant) if constant is not None else None
        case InlineTemplate(text):
            return compile_template(text, env, diagnostics, escape_for(property.type if property else "html"))
        case Render(name):
            found = template_text(name, templates, diagnostics)
            if found is None:
                return None
            return compile_template(found, env, diagnostics, escape_for(property.type if property else "html"))


def escape_for(type: PropertyType) -> Escape:
    """Return how a template's values are escaped in a property of this type."""
    match type:
        case "html" | "markdown":
            return type
        case _:
            return "plain"


def template_text(name: Located[str], templates: Mapping[str, Template], diagnostics: Diagnostics) -> SourceText | None:
    """Return the text of the mapping's template of that name; unknown: a finding and None."""
    if name.value in templates:
        return templates[name.value].text
    known = f"templates of this mapping: {listed(templates)}" if templates else "this mapping has no `templates:`"
    diagnostics.report(
        "QM341",
        f"there is no template `{name.value}`",
        name.span,
        help=did_you_mean(name.value, templates) or known,
        fix=renamed(name.span, name.value, templates),
    )
    return None
