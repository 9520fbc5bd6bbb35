"""Check what a mapping's `pii:` block releases against its connection and the platform's policy."""

from __future__ import annotations

from dataclasses import replace

from queast_compiler.passes.grants import standing
from queast_compiler.passes.program import Program
from queast_dsl.diagnostics.model import Diagnostics, Note
from queast_dsl.diagnostics.nearest import listed
from queast_dsl.document.policy import WITHOUT_GRANT, PersonalDataPolicy
from queast_dsl.entities import entity
from queast_dsl.pii import NOTHING, Labels
from queast_dsl.source import Located
from queast_dsl.types import ListType, ObjectType

_WHO = "direct_identifier"


def check_policy(program: Program, diagnostics: Diagnostics) -> Program:
    """`pii: {send: [person.mobile_phone]}` where the policy lets `sensitive` out by grant only  ->  granted until the
    day the tenant's grant ends, or an error at the path and at the bound (D2.4, D6.3). A policy that is silent, or not
    there, lets `WITHOUT_GRANT` out. What the connection does not let
    out is refused before the policy is asked."""
    block = program.mapping.personal_data
    if block is None:
        return program
    refused = {path.value for path in block.send if not _is_cleared(program, path, diagnostics)}
    if "policy.yaml" in program.refused:
        return program
    # Without a policy it is one that says nothing: what takes its word does not leave.
    bounds = PersonalDataPolicy() if program.policy is None else program.policy.personal_data
    _check_word("purpose", block.purpose, bounds.purposes, diagnostics)
    _check_word("lawful basis", block.basis, bounds.bases, diagnostics)
    ends: dict[str, str] = dict(program.granted_until)
    for path in block.send:
        is_asked = path.value in program.granted and path.value not in refused
        end = _end(program, bounds, path, diagnostics) if is_asked else None
        if end is not None:
            ends[path.value] = end
    return replace(program, granted_until=ends)


def _is_cleared(program: Program, path: Located[str], diagnostics: Diagnostics) -> bool:
    clearance = None if program.destination is None else program.destination.connection.personal_data
    if clearance is None or path.value not in program.granted:
        return True
    allowed = [each.value for each in clearance.send]
    if any(path.value == each or path.value.startswith(f"{each}.") for each in allowed):
        return True
    diagnostics.report(
        "QM456",
        f"connection `{program.mapping.connection.value}` does not let `{path.value}` out",
        path.span,
        help=f"it lets out: {listed(allowed)}" if allowed else "it lets nothing of a person out",
        notes=[Note("the bound of the connection", clearance.span)],
    )
    return False


def _check_word(
    what: str, given: Located[str], allowed: tuple[Located[str], ...] | None, diagnostics: Diagnostics
) -> None:
    if allowed is None or any(given.value == each.value for each in allowed):
        return
    diagnostics.report(
        "QM462",
        f"the policy does not know the {what} `{given.value}`",
        given.span,
        help=f"write one that it allows: {listed(each.value for each in allowed)}",
        notes=[Note("allowed here", allowed[0].span)],
    )


def _end(program: Program, bounds: PersonalDataPolicy, path: Located[str], diagnostics: Diagnostics) -> str | None:
    """Return the day on which the grant for a path ends, None for a path that needs none, or has none."""
    beyond = labels_of(path.value) - set(bounds.released)
    if not beyond:
        return None
    tenant, connection = program.mapping.tenant, program.mapping.connection.value
    grants = bounds.grants_of(tenant, connection, path.value)
    if not grants:
        place = bounds.without_grant[0].span if bounds.without_grant else bounds.span
        entry = f"{{tenant: {tenant}, connection: {connection}, paths: [{path.value}], …}}"
        diagnostics.report(
            "QM461",
            f"`{path.value}` is {' and '.join(sorted(beyond))}, which leaves only by a grant of the platform",
            path.span,
            help=f"take it out, or ask Queast to grant it under `personal_data.grants` of policy.yaml: `{entry}`"
            + _for_all(bounds, beyond),
            notes=[] if place is None else [Note("what may leave without one", place)],
        )
        return None
    what = f"of `{path.value}` to `{tenant}` on `{connection}`"
    grant = standing(grants, what, path.span, program.today, diagnostics, instead="take the path out")
    return None if grant is None else grant.expires.value


def _for_all(bounds: PersonalDataPolicy, beyond: Labels) -> str:
    """Return what lets a label out for every tenant, where the policy has not decided that. What is sensitive, or was
    written about somebody, is never opened so."""
    if bounds.without_grant is not None or beyond != {_WHO}:
        return ""
    labels = ", ".join((*WITHOUT_GRANT, _WHO))
    return f", or to let it out for every tenant: `personal_data: {{without_grant: [{labels}]}}`"


def labels_of(path: str) -> Labels:
    """Return the labels of a person's path that is there."""
    here, labels = entity("person"), NOTHING
    for step in path.split(".")[1:]:
        found = here.get(step)
        if found is None:
            return NOTHING
        labels = found.labels
        inner = found.type.item if isinstance(found.type, ListType) else found.type
        here = inner if isinstance(inner, ObjectType) else ObjectType(path, ())
    return labels
