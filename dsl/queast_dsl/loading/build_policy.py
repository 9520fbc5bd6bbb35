"""A checked tree of policy.yaml to a `Policy`."""

from __future__ import annotations

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.document.policy import InformationalExport, Policy
from queast_dsl.functions.dates import read_date
from queast_dsl.loading.nodes import MapNode, Node, SeqNode
from queast_dsl.loading.sound import located, mapping


def build_policy(root: MapNode, diagnostics: Diagnostics) -> Policy | None:
    """Return the policy, or None after reporting a date that does not exist."""
    found = root.get("informational_export")
    grants = tuple(_grant(item) for item in found.items) if isinstance(found, SeqNode) else ()
    is_sound = True
    for grant in grants:
        if not _is_date(grant.expires.value):
            is_sound = False
            message = f"there is no day {grant.expires.value}"
            diagnostics.report("QM104", message, grant.expires.span, help="write a date such as 2027-03-01")
    if not is_sound:
        return None
    return Policy(grants, root.span.file)


def _grant(node: Node) -> InformationalExport:
    grant = mapping(node)
    return InformationalExport(
        tenant=located(grant, "tenant"),
        approver=located(grant, "approver").value,
        reason=located(grant, "reason").value,
        expires=located(grant, "expires"),
        span=grant.span,
    )


def _is_date(text: str) -> bool:
    try:
        read_date(text)
    except ValueError:
        return False
    return True
