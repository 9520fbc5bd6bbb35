"""A template's name where its text should come: `{template: signal_note}` sends the words `signal_note`."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.passes.program import FieldProgram, Program
from queast_dsl.diagnostics.model import Diagnostics, Edit, Fix, Part
from queast_dsl.document.mapping import Const, FieldValue, InlineTemplate, Render, leaves

_TEXTS = frozenset({"string", "text", "html", "markdown"})


def check_meant_to_render(program: Program, diagnostics: Diagnostics) -> Program:
    """Report a template, or a constant, whose whole text is the name of a template of the mapping.

    A constant may be a word that a template is called by as well, so it is asked about only where nothing renders that
    template and it would be left over.
    """
    mapping = program.mapping
    named = {template.name.value: template.name.span.file for template in mapping.templates}
    values = list(_values(program))
    rendered = {value.name.value for value, _ in values if isinstance(value, Render)}
    for value, field in values:
        match value:
            case InlineTemplate(text):
                is_meant = text.text.strip() in named
            case Const(text):
                name = text.text
                is_own = named.get(name) == mapping.sources[0]
                is_meant = is_own and name not in rendered and _takes_text(field)
            case _:
                continue
        if is_meant:
            name = text.text.strip()
            form = "template" if isinstance(value, InlineTemplate) else "const"
            diagnostics.report(
                "QM346",
                f"`{name}` is a template of this mapping, and `{form}` sends its name",
                text.span,
                help=f"did you mean `{{render: {name}}}`?",
                fix=Fix(f"write {{render: {name}}}", (Edit(text.span, "render", Part.KEY),)),
            )
    return program


def _takes_text(field: FieldProgram | None) -> bool:
    return field is None or (field.property is not None and field.property.type in _TEXTS)


def _values(program: Program) -> Iterator[tuple[FieldValue, FieldProgram | None]]:
    for route in program.routes:
        for each in route.fields:
            yield each.field.value, each
        if route.route.body is not None:
            yield from ((leaf, None) for leaf in leaves(route.route.body))
    for received in program.receive:
        if received.receive.then.note is not None:
            yield received.receive.then.note, None
