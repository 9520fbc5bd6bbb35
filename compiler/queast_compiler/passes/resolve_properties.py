"""Tie each field to a property of the destination's object."""

from __future__ import annotations

from dataclasses import replace

from queast_compiler.passes.lower_connection import external_id_key
from queast_compiler.passes.missing_account import report_missing_account
from queast_compiler.passes.program import FieldProgram, Program, RouteProgram
from queast_compiler.passes.properties import Ambiguous, Property, PropertyTable
from queast_dsl.diagnostics.fixes import left_out, renamed, written
from queast_dsl.diagnostics.model import Diagnostics, Note
from queast_dsl.diagnostics.nearest import did_you_mean, listed
from queast_dsl.document.connector import ConnectorObject
from queast_dsl.source import Located, Span


def resolve_properties(program: Program, diagnostics: Diagnostics) -> Program:
    """`numberofemployees: …`  ->  the property of that name, label or alias, with its type and limits."""
    destination = program.destination
    if destination is None:
        return program

    def resolved(current: RouteProgram) -> RouteProgram:
        if current.object is None or current.properties is None or current.object.action == "send":
            return current
        if not current.properties.complete:
            report_missing_account(destination, diagnostics)
        external_id = external_id_key(current.object, destination.account)
        seen: dict[str, Located[str]] = {}
        locked = _locked_fields(program, current)
        return replace(
            current,
            fields=tuple(
                replace(
                    each,
                    property=_property(
                        each, current.object, current.properties, external_id, seen, locked, diagnostics
                    ),
                )
                for each in current.fields
            ),
        )

    return program.with_routes(resolved)


def _locked_fields(program: Program, current: RouteProgram) -> dict[str, Span]:
    """Return the properties of a route that the base locks by their names, and where."""
    of_route = f"routes.{current.route.name.value}.fields."
    locks = (each for each in program.mapping.locked if each.value.startswith(of_route))
    return {lock.value.removeprefix(of_route).partition(".")[0]: lock.span for lock in locks}


def _property(
    current: FieldProgram,
    object: ConnectorObject,
    table: PropertyTable,
    external_id: str | None,
    seen: dict[str, Located[str]],
    locked: dict[str, Span],
    diagnostics: Diagnostics,
) -> Property | None:
    name = current.field.name
    found = table.find(name.value)
    match found:
        case None:
            _report_unknown(name, object, table, diagnostics)
            return None
        case Ambiguous(names):
            diagnostics.report(
                "QM313",
                f"`{name.value}` is the label of several properties of `{object.name}`",
                name.span,
                help=f"write one of their names: {listed(names)}",
            )
            return None
        case Property():
            pass
    if found.read_only:
        diagnostics.report(
            "QM311",
            f"`{name.value}` of `{object.name}` cannot be written",
            name.span,
            help="the destination fills it by itself; leave the field out",
            fix=left_out(name.span),
        )
        return None
    if found.name == external_id:
        diagnostics.report(
            "QM314",
            f"`{name.value}` holds our id and is set by the product",
            name.span,
            help="leave the field out",
            fix=left_out(name.span),
        )
        return None
    if name.value != found.name and found.name in locked and name.span.file != locked[found.name].file:
        # By its own name it was refused when the mapping was put on its base, where labels are not known.
        diagnostics.report(
            "QM401",
            f"`{name.value}` is the property `{found.name}`, which is locked by the base",
            name.span,
            help="remove it here",
            notes=[Note("locked here", locked[found.name])],
        )
        return None
    if found.name in seen:
        first = seen[found.name]
        # A field of the base is replaced under the name that it has there, and not under another that means the same.
        is_alone = first.span.file == name.span.file
        diagnostics.report(
            "QM312",
            f"`{name.value}` of `{object.name}` is written twice",
            name.span,
            help="keep one of the two fields" if is_alone else f"write `{first.value}`, which takes its place",
            notes=[Note("first written here" if is_alone else "the base writes it here", first.span)],
            fix=None if is_alone else written(name.span, first.value),
        )
        return None
    seen[found.name] = name
    return replace(found, written=name.value)


def _report_unknown(
    name: Located[str], object: ConnectorObject, table: PropertyTable, diagnostics: Diagnostics
) -> None:
    # Without the account file any name may be right; its absence has been reported.
    if not table.complete:
        return
    source = "neither the connector nor the account file lists it" if object.open else "the connector does not list it"
    diagnostics.report(
        "QM310",
        f"`{object.name}` has no property `{name.value}`",
        name.span,
        help=did_you_mean(name.value, table.spellings) or source,
        fix=renamed(name.span, name.value, table.spellings),
    )
