"""Say that a connection's account file is missing, in one wording, so that it is one finding."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.document.connections import Connection


def report_missing_account(connection: Connection, diagnostics: Diagnostics) -> None:
    """Report that the mapping needs what only the account file knows."""
    name = connection.name
    diagnostics.report(
        "QM502",
        f"connection `{name.value}` has no account file, and its records have properties of their own",
        name.span,
        help=f"write `accounts/{name.value}.json` with the account's properties, options and owners",
    )
