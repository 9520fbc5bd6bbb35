"""Check that records which a connection would create could be found again."""

from __future__ import annotations

from queast_compiler.passes.missing_account import report_missing_account
from queast_compiler.passes.program import Destination
from queast_compiler.plan.connection import ConnectionPlan
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.source import Span


def check_provisioning(destination: Destination, plan: ConnectionPlan, diagnostics: Diagnostics) -> None:
    """`on_none: create` without a property that holds our id  ->  an error that says to provision it."""
    for match in plan.match:
        object = destination.connector.objects[match.object]
        if match.on_none != "create" or match.external_id is not None or object.external_id is None:
            continue
        if destination.account is None and object.open:
            report_missing_account(destination, diagnostics)
            continue
        diagnostics.report(
            "QM503",
            f"`{object.name}` of this account has no property `{object.external_id}` to hold our id",
            _place(destination, match.entity),
            help=f"create `{object.external_id}` in the account (unique, text) and list it in the account file, "
            "or write `on_none: review`",
        )


def _place(destination: Destination, entity: str) -> Span:
    for rules in destination.connection.match:
        if rules.entity.value == entity:
            return rules.on_none.span if rules.on_none is not None else rules.entity.span
    return destination.connection.name.span
