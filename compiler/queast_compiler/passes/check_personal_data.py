"""Read the `pii:` block: which person fields may leave."""

from __future__ import annotations

from dataclasses import replace

from queast_compiler.passes.program import Program
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.nearest import did_you_mean
from queast_dsl.entities import entity
from queast_dsl.source import Located
from queast_dsl.types import ListType, ObjectType


def check_personal_data(program: Program, diagnostics: Diagnostics) -> Program:
    """`pii: {send: [person.full_name]}`  ->  that path granted; a path that does not exist is refused (D6.3)."""
    block = program.mapping.personal_data
    if block is None:
        return program
    granted = frozenset(path.value for path in block.send if _check_path(path, diagnostics))
    return replace(program, granted=granted)


def _check_path(path: Located[str], diagnostics: Diagnostics) -> bool:
    root, *steps = path.value.split(".")
    known = [f"person.{name}" for name in entity("person").names]
    if root != "person" or not steps:
        diagnostics.report(
            "QM453",
            f"`{path.value}` is no field of a person",
            path.span,
            help=did_you_mean(path.value, known) or "grants are about persons: write paths such as `person.full_name`",
        )
        return False
    here = entity("person")
    for at, step in enumerate(steps):
        found = here.get(step)
        if found is None:
            near = [".".join(["person", *steps[:at], name]) for name in here.names]
            diagnostics.report(
                "QM453",
                f"`{path.value}` is no field of a person",
                path.span,
                help=did_you_mean(path.value, near) or "all fields: qmap fields person --pii",
            )
            return False
        inner = found.type.item if isinstance(found.type, ListType) else found.type
        here = inner if isinstance(inner, ObjectType) else ObjectType(path.value, ())
    return True
