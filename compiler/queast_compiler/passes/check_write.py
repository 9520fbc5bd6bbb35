"""Check that each field of a record that is kept in sync says when it is written."""

from __future__ import annotations

from queast_compiler.passes.program import Program
from queast_dsl.diagnostics.fixes import left_out
from queast_dsl.diagnostics.model import Diagnostics


def check_write(program: Program, diagnostics: Diagnostics) -> Program:
    """`name: company.name` without `write`  ->  an error; `{from: company.name, write: always}`  ->  as it is.

    A destination's own edits must never be overwritten by an unspoken default.
    """
    for route in program.routes:
        if route.object is None:
            continue
        for each in route.fields:
            write = each.field.write
            if route.object.action == "upsert" and write is None:
                diagnostics.report(
                    "QM330",
                    f"`{each.field.name.value}` does not say when it is written",
                    each.field.name.span,
                    help="add `write: always` or `write: on_create` to the field, or to the route for all fields",
                )
            elif route.object.action != "upsert" and write is not None:
                diagnostics.report(
                    "QM331",
                    f"`write` has no meaning for `{route.object.name}`, which is created once",
                    write.span,
                    help="leave `write` out",
                    fix=left_out(write.span),
                )
    return program
