"""Find the mapping's connection among the tenant's."""

from __future__ import annotations

from dataclasses import replace

from queast_compiler.passes.program import Program
from queast_dsl.diagnostics.fixes import renamed
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.nearest import did_you_mean, listed


def resolve_connection(program: Program, diagnostics: Diagnostics) -> Program:
    """`connection: hubspot-main`  ->  its connection, connector and account file.

    A connection with errors of its own stays unresolved without a finding here: one mistake, one finding.
    """
    name = program.mapping.connection
    if "connections.yaml" in program.refused:
        return program
    if name.value not in program.destinations:
        known = listed(program.destinations)
        diagnostics.report(
            "QM500",
            f"there is no connection `{name.value}`",
            name.span,
            help=did_you_mean(name.value, program.destinations)
            or (f"connections of this tenant: {known}" if known else "describe it in connections.yaml"),
            fix=renamed(name.span, name.value, program.destinations),
        )
        return program
    return replace(program, destination=program.destinations[name.value])
