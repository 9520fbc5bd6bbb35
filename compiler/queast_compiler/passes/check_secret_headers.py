"""Check that a header tells its receiver no credential of a connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from queast_compiler.passes.program import Destination, Program
from queast_dsl.diagnostics.model import Diagnostics, Note
from queast_dsl.document.mapping import SecretRef
from queast_dsl.source import Located


def check_secret_headers(program: Program, diagnostics: Diagnostics) -> Program:
    """`headers: {X-Key: secret://hubspot-main}`, which opens a connection  ->  an error: whoever receives the header
    could open it, too."""
    for route in program.routes:
        for header in route.route.headers:
            match header.value:
                case SecretRef(name):
                    _check(name, program, diagnostics)
                case _:
                    pass
    return program


def _check(name: Located[str], program: Program, diagnostics: Diagnostics) -> None:
    use = next(_uses(name.value, program.destinations), None)
    if use is None:
        return
    code, says, place = use
    diagnostics.report(
        code,
        f"secret `{name.value}` {says}, and a header would tell it to the receiver",
        name.span,
        help=f"make a secret of its own for the header, for example `secret://{program.mapping.name}-header`",
        notes=[Note("used here, too", place.span)],
    )


def _uses(secret: str, destinations: Mapping[str, Destination | None]) -> Iterator[tuple[str, str, Located[str]]]:
    for each in destinations.values():
        if each is None:
            continue
        connection = each.connection
        for _, reference in connection.auth:
            if reference.name.value == secret:
                yield "QM347", f"opens connection `{connection.name.value}`", reference.name
        if connection.inbound is not None and connection.inbound.secret.name.value == secret:
            says = f"verifies what connection `{connection.name.value}` receives"
            yield "QM551", says, connection.inbound.secret.name
