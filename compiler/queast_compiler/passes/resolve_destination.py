"""Find a connection's connector and account file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from queast_compiler.passes.lower_connection import warn_of_end
from queast_compiler.passes.program import Destination
from queast_dsl.diagnostics.fixes import renamed
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.nearest import did_you_mean, listed
from queast_dsl.document.connector import Connector
from queast_dsl.document.tenant import TenantDocuments
from queast_dsl.loading import connector_names


def resolve_destination(
    documents: TenantDocuments,
    name: str,
    diagnostics: Diagnostics,
    *,
    today: date,
    connectors: Callable[[str], Connector | None],
) -> Destination | None:
    """`hubspot-main: {connector: hubspot, account: "24512345"}`  ->  the manifest and that account's file.

    None after a finding where there is no such connector.
    """
    connection = documents.connections[name]
    connector = connectors(connection.connector.value)
    account_refused = f"accounts/{name}.json" in documents.refused
    if connector is None:
        diagnostics.report(
            "QM501",
            f"there is no usable connector `{connection.connector.value}`",
            connection.connector.span,
            help=did_you_mean(connection.connector.value, connector_names())
            or f"connectors that ship: {listed(connector_names())}",
            fix=renamed(connection.connector.span, connection.connector.value, connector_names()),
        )
        return None
    warn_of_end(connector, today, connection.connector.span, diagnostics)
    account = documents.accounts.get(name)
    if account is not None and account.connector != connection.connector.value:
        message = f"`{account.source.path}` is of the connector `{account.connector}`, not `{connector.name}`"
        help = "ask Queast for the account file anew, or correct the connection"
        diagnostics.report("QM117", message, connection.connector.span, help=help)
        account, account_refused = None, True
    return Destination(connection, connector, account, account_refused=account_refused)
