"""Check that what a field says about when it is written fits its property."""

from __future__ import annotations

from dataclasses import replace

from queast_compiler.passes.program import FieldProgram, Program, RouteProgram
from queast_compiler.passes.properties import Property
from queast_compiler.passes.value_types import in_words
from queast_compiler.passes.write_policy import write_of
from queast_compiler.plan.needs import guard_of
from queast_dsl.diagnostics.fixes import left_out
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.nearest import listed
from queast_dsl.document.connector import ConnectorObject
from queast_dsl.source import Span


def check_write(program: Program, diagnostics: Diagnostics) -> Program:
    """`name: {from: company.name, write: add}`  ->  an error: a name holds one value, so nothing can be added to it.

    `write` on what is created once is an error too, and so is a policy that has to read a property which the
    destination never shows. A field that is refused here has no value left for later passes.
    """

    def checked(route: RouteProgram) -> RouteProgram:
        object = route.object
        if object is None:
            return route
        own = Diagnostics()
        fields = (each if _fits(each, route, object, own) else replace(each, value=None) for each in route.fields)
        route = replace(route, fields=tuple(fields))
        # One word of the route may fit none of its fields: it is one mistake.
        diagnostics.extend({finding.span: finding for finding in reversed(own.findings)}.values())
        return route

    return program.with_routes(checked)


def _fits(current: FieldProgram, route: RouteProgram, object: ConnectorObject, diagnostics: Diagnostics) -> bool:
    write, property = current.field.write, current.property
    if object.action != "upsert":
        if write is not None:
            diagnostics.report(
                "QM331",
                f"`write` has no meaning for `{object.name}`, which is created once",
                write.span,
                help="leave `write` out",
                fix=left_out(write.span),
            )
        return True
    if property is None:
        return True
    policy = write_of(current.field, object)
    span = current.field.name.span if write is None else write.span
    if policy == "add" and property.type != "set":
        _report_one_value(property, route, span, diagnostics)
        return False
    if guard_of(policy) != "none" and property.write_only:
        unspoken = "" if write is not None else ", which is meant where no `write` is given,"
        diagnostics.report(
            "QM334",
            f"`{property.shown}` cannot be read back, and `{policy}`{unspoken} asks what it holds",
            span,
            help="say `write: always` or `write: on_create`",
        )
        return False
    return True


def _report_one_value(property: Property, route: RouteProgram, span: Span, diagnostics: Diagnostics) -> None:
    table = {} if route.properties is None else route.properties.by_name
    several = sorted(each.name for each in table.values() if each.type == "set" and not each.read_only)
    diagnostics.report(
        "QM333",
        f"`add` joins options to those a property holds, and `{property.shown}` holds {in_words(property)}",
        span,
        help="say `write: always`, `unless_edited`, `if_empty` or `on_create`"
        + (f"; properties that hold several options: {listed(several, 6)}" if several else ""),
    )
