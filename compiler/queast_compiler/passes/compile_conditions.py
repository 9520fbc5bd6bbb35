"""Compile what decides whether a route takes an event."""

from __future__ import annotations

from dataclasses import replace

from queast_compiler.passes.expressions import compile_condition, environment
from queast_compiler.passes.program import Program, RouteProgram
from queast_dsl.diagnostics.model import Diagnostics


def compile_conditions(program: Program, diagnostics: Diagnostics) -> Program:
    """`scope.where` and each route's `when`  ->  typed conditions; a null counts as false.

    `scope.where` sees only the company: it is asked of companies that no event of this mapping carries, too.
    """
    tables = {table.name.value: table for table in program.mapping.tables}
    where = program.mapping.scope.where
    if where is not None:
        company = environment("company", tables, program.granted)
        program = replace(program, where=compile_condition(where.text, company, diagnostics))

    def compiled(current: RouteProgram) -> RouteProgram:
        when = current.route.when
        if when is None or current.environment is None:
            return current
        return replace(current, when=compile_condition(when.text, current.environment.at("when"), diagnostics))

    return program.with_routes(compiled)
