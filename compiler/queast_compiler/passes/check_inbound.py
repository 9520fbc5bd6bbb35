"""Check that a key which others sign with is used for nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from queast_dsl.diagnostics.model import Diagnostics, Note
from queast_dsl.document.connections import Connection
from queast_dsl.source import Located


def check_inbound(connection: Connection, connections: Mapping[str, Connection], diagnostics: Diagnostics) -> None:
    """`inbound: {…, secret: secret://warehouse}` beside `auth: {signing_secret: secret://warehouse}`  ->  an error.

    `connections` are all of the tenant's, this one among them.
    """
    inbound = connection.inbound
    if inbound is None:
        return
    name = inbound.secret.name
    other = next(_other_uses(connection, connections, name.value), None)
    if other is not None:
        use, place = other
        diagnostics.report(
            "QM551",
            f"secret `{name.value}` verifies what is received here, and {use}",
            name.span,
            help=f"make a key of its own, for example `secret://{connection.name.value}-in`, and tell it to the sender",
            notes=[Note("used here, too", place.span)],
        )


def _other_uses(
    connection: Connection, connections: Mapping[str, Connection], secret: str
) -> Iterator[tuple[str, Located[str]]]:
    is_later = False
    for each in connections.values():
        is_later = is_later or each is connection
        for _, reference in each.auth:
            if reference.name.value == secret:
                yield f"opens connection `{each.name.value}`", reference.name
        # Of two that share one key the second is told.
        if not is_later and each.inbound is not None and each.inbound.secret.name.value == secret:
            yield f"what connection `{each.name.value}` receives, too", each.inbound.secret.name
