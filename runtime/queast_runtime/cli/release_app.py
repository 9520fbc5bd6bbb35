"""The commands that release plans: their names, options and help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.options import AsFormat, MappingName
from queast_runtime.cli.output import Format

Token = Annotated[
    str | None,
    typer.Option("--token", envvar="QMAP_TOKEN", help="Act as the person it was made for (default: the operator)."),
]
AsOperator = Annotated[
    bool,
    typer.Option(
        "--as-operator",
        help="Be the operator where CI is set, too: for SECURITY and the first policy. Not with --token.",
    ),
]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with the release.")]
Accept = Annotated[
    list[str] | None,
    typer.Option("--accept", metavar="CATEGORIES", help="Accept gated changes: IDENTITY,FIELD. Takes --reason."),
]
Sources = Annotated[Path, typer.Option("--sources", metavar="PATHS", help="The mappings folder, with policy.yaml.")]
Whose = Annotated[
    str | None, typer.Option("--tenant", "-t", help="Whose mapping it is, where several tenants have one so called.")
]


def publish(
    given: Annotated[
        Path, typer.Argument(metavar="CHANGE|DIR", help="What `qmap diff --out CHANGE` or `qmap compile -o DIR` wrote.")
    ],
    sources: Sources = Path("mappings"),
    accept: Accept = None,
    reason: Reason = None,
    accept_from: Annotated[
        str | None,
        typer.Option("--accept-from", metavar="RANGE", help="Accept what trailers `qmap-accept:` of these commits do."),
    ] = None,
    over: Annotated[
        list[str] | None,
        typer.Option("--over", metavar="DIGEST", help="The release that a DIR was compared with, for --accept."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Publish a plan that a rollback left. Takes --reason.")
    ] = False,
    token: Token = None,
    as_operator: AsOperator = False,
    format: AsFormat = Format.TEXT,
) -> None:
    """Recompile the sources, compare with what was handed over, pass the gate, and sign a release that workers take up.

    Changes that block end with exit 4 until somebody accepts them; some take a second person, too.
    """
    from queast_runtime.cli.publish import Asked, run

    run(
        given,
        sources,
        format,
        Asked(tuple(accept or ()), reason, accept_from, again, token, tuple(over or ()), as_operator),
    )


def approve(
    id: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="What `qmap publish` printed; without it what waits is listed."),
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Show what it changes and who asked for it; approve nothing.")
    ] = False,
    reason: Reason = None,
    token: Token = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Let a release stand that waits for a second person; nobody approves their own. Without ID: list what waits."""
    if reason is not None and (show or id is None):
        raise CommandError(Exit.USAGE, "--reason goes with an approval, and this approves nothing", "leave it out")
    if id is not None and show:
        from queast_runtime.cli.waiting_show import run as show_one

        show_one(id, token, format)
    elif id is not None:
        from queast_runtime.cli.approve import Asked, run

        run(id, Asked(reason, token), format)
    elif show:
        raise CommandError(Exit.USAGE, "--show takes the ID of what waits", "what waits: qmap approve")
    else:
        from queast_runtime.cli.waiting_list import run as list_all

        list_all(token, format)


def withdraw(
    id: Annotated[str, typer.Argument(metavar="ID", help="What `qmap publish` printed; `qmap approve` lists it.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with who did.")],
    token: Token = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Take back a release that waits for a second person, so that nobody can approve it any more."""
    from queast_runtime.cli.withdraw import run

    run(id, reason, token, format)


def rollback(
    mapping: MappingName,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with the release.")],
    to: Annotated[str, typer.Option("--to", metavar="DIGEST", help="The plan, or its first 8 hex digits or more.")],
    tenant: Whose = None,
    accept: Accept = None,
    with_connection: Annotated[
        bool, typer.Option("--with-connection", help="Take the connection's other mappings back, too.")
    ] = False,
    token: Token = None,
    as_operator: AsOperator = False,
    format: AsFormat = Format.TEXT,
) -> None:
    """Go back to an older plan of a mapping, as a new release, and say what stays.

    What that loosens has to be accepted like at publish, and the policy that stands counts.
    """
    from queast_runtime.cli.rollback import Asked, run

    run(mapping, Asked(to, reason, with_connection, token, tuple(accept or ()), as_operator), tenant, format)


def history(
    mapping: MappingName,
    tenant: Whose = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most this many, newest first.")] = 20,
    refused: Annotated[
        bool, typer.Option("--refused", help="Show what was refused of its tenant instead: who, what and why.")
    ] = False,
    token: Token = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Show which plans of a mapping ran, and who released them when and why."""
    from queast_runtime.cli.history import run

    run(mapping, tenant, limit, token, format, refused=refused)
