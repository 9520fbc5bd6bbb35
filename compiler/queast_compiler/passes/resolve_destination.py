"""Find a connection's connector and account file, and see that they belong together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from queast_compiler.passes.lower_connection import warn_of_end
from queast_compiler.passes.program import Destination
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.document.connections import Account, Connection
from queast_dsl.document.connector import Connector
from queast_dsl.document.tenant import TenantDocuments


def resolve_destination(
    documents: TenantDocuments,
    name: str,
    diagnostics: Diagnostics,
    *,
    today: date,
    connectors: Callable[[str], Connector | None],
) -> Destination | None:
    """`hubspot-main: {connector: hubspot, account: "24512345"}`  ->  the manifest and that account's file.

    None after a finding where the connector is unknown or the account file is another account's.
    """
    connection = documents.connections[name]
    connector = connectors(connection.connector.value)
    if connector is None:
        diagnostics.report(
            "QM501",
            f"there is no usable connector `{connection.connector.value}`",
            connection.connector.span,
            help="name a connector that ships with the product: hubspot, pipedrive or webhook",
        )
        return None
    warn_of_end(connector, today, connection.connector.span, diagnostics)
    account = documents.accounts.get(name)
    if account is not None and not _belongs(account, connection, diagnostics):
        return None
    return Destination(connection, connector, account)


def _belongs(account: Account, connection: Connection, diagnostics: Diagnostics) -> bool:
    if account.connector != connection.connector.value:
        diagnostics.report(
            "QM503",
            f"the account file of `{connection.name.value}` was made for connector `{account.connector}`",
            connection.connector.span,
            help=f"replace {account.source.path} with one of this connection",
        )
        return False
    if account.account != connection.account.value:
        diagnostics.report(
            "QM503",
            f"the account file of `{connection.name.value}` describes account `{account.account}`",
            connection.account.span,
            help=f"correct `account`, or replace {account.source.path} with one of this account",
        )
        return False
    return True
