"""Check what the mapping's scope asks for against the platform's policy."""

from __future__ import annotations

from dataclasses import replace

from queast_compiler.passes.grants import standing
from queast_compiler.passes.program import Program
from queast_dsl.diagnostics.model import Diagnostics
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
    what = f"to export informational signals of `{tenant}`"
    grant = standing(grants, what, signals.span, program.today, diagnostics, instead="write `signals: strict`")
    if grant is None:
        return program
    return replace(program, signals="informational", informational_expires=grant.expires.value)


def _refuse(tenant: str, span: Span, why: str, diagnostics: Diagnostics) -> None:
    diagnostics.report(
        "QM451",
        f"informational signals of `{tenant}` may not leave: {why}",
        span,
        help="write `signals: strict`, or ask Queast for a grant with an approver, a reason and an end",
    )
