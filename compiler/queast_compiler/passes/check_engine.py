"""Say where a mapping or a connection asks for what the engine that is to run it cannot carry out."""

from __future__ import annotations

from collections.abc import Collection

from queast_compiler.passes.program import FieldProgram, Program
from queast_compiler.passes.write_policy import write_of
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.needs import Capability, Write, capability, capability_of, guard_of
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.nearest import listed
from queast_dsl.document.connections import Connection


def check_engine(program: Program, able: Collection[Capability], diagnostics: Diagnostics) -> None:
    """`industry: {from: …, write: if_empty}`  ->  a warning, once for the mapping and at the first such place.

    It is no error: the language has it and the plan says it, and `publish` refuses the plan. `able` is what the engine
    carries out.
    """
    asking = [
        (each, write)
        for route in program.routes
        if route.object is not None
        for each in route.fields
        if _is_beyond(write := write_of(each.field, route.object), able)
    ]
    if not asking:
        return
    first, _ = asking[0]
    policies = list(dict.fromkeys(write for _, write in asking))
    are, them = ("is", "it") if len(policies) == 1 else ("are", "them")
    diagnostics.report(
        "QM700",
        f"{listed(policies)} {are} accepted, but this version's engine cannot carry {them} out yet: "
        f"publish refuses `{program.mapping.name}`",
        first.field.name.span if first.field.write is None else first.field.write.span,
        help=_instead(first),
    )


def _is_beyond(write: Write, able: Collection[Capability]) -> bool:
    guard = guard_of(write)
    return guard != "none" and capability_of(guard) not in able


def _instead(first: FieldProgram) -> str:
    help = "say `write: always` or `write: on_create`, at the field or at the route for all its fields"
    if first.field.write is None:
        help += "; where neither does, a value is written `unless_edited`"
    return help


def check_engine_of_connection(
    plan: ConnectionPlan, connection: Connection, able: Collection[Capability], diagnostics: Diagnostics
) -> None:
    """`match: {company: {name: {review: 0.8}}}`  ->  a warning at `name` while the engine cannot score names."""
    if all(capability(need) in able for need in plan.needs):
        return
    for rules in connection.match:
        if rules.name is not None:
            diagnostics.report(
                "QM700",
                "thresholds for names are accepted, but this version's engine cannot score names yet: "
                f"publish refuses `{plan.connection}`",
                rules.name.span,
                help=f"remove `match.{rules.entity.value}.name`: exactly the same name is then a question to a person",
            )
