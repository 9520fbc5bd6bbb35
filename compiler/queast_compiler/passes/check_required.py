"""Check that a route gives every property that its object requires."""

from __future__ import annotations

from queast_compiler.passes.program import Program, RouteProgram
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.nearest import listed


def check_required(program: Program, diagnostics: Diagnostics) -> Program:
    """`to: notes` without `hs_timestamp`  ->  an error that names what is missing, once for the route."""
    for route in program.routes:
        missing = _missing(route)
        if missing and route.object is not None:
            noun = "property" if len(missing) == 1 else "properties"
            diagnostics.report(
                "QM340",
                f"`{route.route.name.value}` leaves out required {noun} {listed(missing)} of `{route.object.name}`",
                route.route.name.span,
                help="\n".join(f"add `{name}:` to its fields" for name in missing),
            )
    return program


def _missing(route: RouteProgram) -> list[str]:
    if route.properties is None:
        return []
    given = {each.property.name for each in route.fields if each.property is not None}
    # A misspelt field may be the missing one: its own finding comes first.
    if any(each.property is None for each in route.fields):
        return []
    return sorted(each.name for each in route.properties.by_name.values() if each.required and each.name not in given)
