"""Check what the mapping's scope asks for against the platform's policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from queast_compiler.passes.program import Program
from queast_dsl.diagnostics.model import Diagnostics, Note
from queast_dsl.document.policy import InformationalExport
from queast_dsl.source import Span


def check_scope(program: Program, diagnostics: Diagnostics) -> Program:
    """`scope: {signals: informational}`  ->  allowed until the day the tenant's grant expires, or an error (D2.3)."""
    signals = program.mapping.scope.signals
    if signals is None or signals.value == "strict":
        return program
    tenant = program.mapping.tenant
    if program.policy is None and "policy.yaml" in program.refused:
        return program
    if program.policy is None:
        _refuse(tenant, signals.span, "no policy file is there to grant it", diagnostics)
        return program
    grants = [grant for grant in program.policy.informational_export if grant.tenant.value == tenant]
    if not grants:
        _refuse(tenant, signals.span, "the policy grants it to this tenant nowhere", diagnostics)
        return program
    # ISO dates sort as text, and the grant that lasts longest is the one that counts.
    longest = max(grants, key=lambda grant: grant.expires.value)
    if _has_expired(longest, program.today):
        diagnostics.report(
            "QM452",
            f"the grant to export informational signals of `{tenant}` expired on {longest.expires.value}",
            signals.span,
            help="write `signals: strict`, or ask Queast for a new grant",
            notes=[Note("the grant", longest.expires.span)],
        )
        return program
    return replace(program, signals="informational", informational_expires=longest.expires.value)


def _has_expired(grant: InformationalExport, today: date) -> bool:
    return date.fromisoformat(grant.expires.value) <= today


def _refuse(tenant: str, span: Span, why: str, diagnostics: Diagnostics) -> None:
    diagnostics.report(
        "QM451",
        f"informational signals of `{tenant}` may not leave: {why}",
        span,
        help="write `signals: strict`, or ask Queast for a grant with an approver, a reason and an end",
    )
