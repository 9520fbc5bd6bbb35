"""Say that a connection's account file is missing, in one wording, so that it is one finding."""

from __future__ import annotations

from queast_compiler.passes.program import Destination
from queast_dsl.diagnostics.model import Diagnostics


def report_missing_account(destination: Destination, diagnostics: Diagnostics) -> None:
    """Report that the mapping needs what only the account file knows, unless the file itself was reported."""
    if destination.account_refused:
        return
    name = destination.connection.name
    diagnostics.report(
        "QM502",
        f"connection `{name.value}` has no account file, and its records have properties of their own",
        name.span,
        help=f"ask Queast for `accounts/{name.value}.json`, which lists the account's properties, options and owners",
    )
