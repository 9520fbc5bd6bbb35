"""Check that the connector says how each written property goes over the wire."""

from __future__ import annotations

from queast_compiler.passes.program import Program
from queast_dsl.diagnostics.model import Diagnostics


def check_wiring(program: Program, diagnostics: Diagnostics) -> Program:
    """A property of a type that neither the object's nor the connector's `codec` lists  ->  an error."""
    destination = program.destination
    if destination is None:
        return program
    for route in program.routes:
        for each in route.fields:
            property = each.property
            if route.object is None or property is None:
                continue
            if property.type not in route.object.codec and property.type not in destination.connector.codec:
                diagnostics.report(
                    "QM344",
                    f"`{destination.connector.name}` has no wire form for `{property.name}` ({property.type})",
                    each.field.name.span,
                    help="add the type to the manifest's `codec`",
                )
    return program
