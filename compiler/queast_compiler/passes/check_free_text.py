"""Check that text which may name persons goes only where the policy lets it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from queast_compiler.passes.expressions import Typed
from queast_compiler.passes.grants import standing
from queast_compiler.passes.program import Constant, FieldProgram, Program, RouteProgram
from queast_dsl.diagnostics.model import Diagnostics, Note
from queast_dsl.diagnostics.nearest import listed
from queast_dsl.document.connector import ConnectorObject
from queast_dsl.document.mapping import place_of
from queast_dsl.document.policy import FREE_TEXT_TO, PersonalDataPolicy
from queast_dsl.entities import free_texts
from queast_dsl.source import Span

_LABEL = "free_text"


def check_free_text(program: Program, diagnostics: Diagnostics) -> Program:
    """`description: company.description` into a company's record  ->  an error, unless the policy takes companies or a
    grant names the path (D6.3). A condition that reads the text counts as the text: it decides what is written."""
    if program.destination is None:
        return program
    bounds = program.policy.personal_data if program.policy is not None else PersonalDataPolicy()
    ends: dict[str, str] = dict(program.granted_until)
    asked: set[Span] = set()
    for route in program.routes:
        if route.object is None or bounds.takes_free_text(route.object.role):
            continue
        for span, paths in _uses(program, route):
            if span not in asked:
                asked.add(span)
                ends |= _check(program, bounds, route.object, span, paths, diagnostics)
    return replace(program, granted_until=ends)


def _uses(program: Program, route: RouteProgram) -> Iterable[tuple[Span, frozenset[str]]]:
    """Yield where a route uses free text, and which."""
    conditions = ((program.where, program.mapping.scope.where), (route.when, route.route.when))
    for typed, written in conditions:
        if typed is not None and written is not None and _LABEL in typed.labels:
            yield written.text.span, free_texts(typed.reads)
    for each in route.fields:
        typed = _typed(each)
        if typed is not None and _LABEL in typed.labels:
            yield place_of(each.field.value), free_texts(typed.reads)
    if route.object is not None and route.object.action == "send":
        # A body is one value; the line that says where it goes stands for it.
        yield route.route.to.span, free_texts(route.reads)


def _typed(field: FieldProgram) -> Typed | None:
    match field.value:
        case None | Constant():
            return None
        case typed:
            return typed


def _check(
    program: Program,
    bounds: PersonalDataPolicy,
    object: ConnectorObject,
    span: Span,
    paths: frozenset[str],
    diagnostics: Diagnostics,
) -> dict[str, str]:
    """Return the days on which the grants end that let the paths through."""
    tenant, connection = program.mapping.tenant, program.mapping.connection.value
    ends: dict[str, str] = {}
    missing: list[str] = []
    for path in sorted(paths - program.granted):
        grants = bounds.grants_of(tenant, connection, path)
        if not grants:
            missing.append(path)
            continue
        what = f"of `{path}` to `{tenant}` on `{connection}`"
        grant = standing(grants, what, span, program.today, diagnostics, instead=f"leave `{path}` out")
        if grant is not None:
            ends[path] = grant.expires.value
    if missing:
        taken = [each.value for each in bounds.free_text_to] if bounds.free_text_to is not None else FREE_TEXT_TO
        notes = [Note("what takes free text", bounds.free_text_to[0].span)] if bounds.free_text_to else []
        verb = "is" if len(missing) == 1 else "are"
        diagnostics.report(
            "QM455",
            f"{listed(missing)} {verb} free text that may name persons, and `{object.name}` of `{connection}` is a "
            f"{object.role}, which takes none",
            span,
            help=f"send it to what takes it ({listed(taken)}), or ask Queast to grant it to `{tenant}`",
            notes=notes,
        )
    return ends
