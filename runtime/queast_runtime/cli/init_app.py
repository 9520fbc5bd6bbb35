"""`qmap init`: its options. What it does is loaded when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from queast_runtime.cli.options import AsFormat
from queast_runtime.cli.output import Format


def _ci(given: str) -> Literal["github", "gitlab"]:
    if given not in ("github", "gitlab"):
        raise typer.BadParameter(f"{given!r} is not one of 'github', 'gitlab'.")
    return cast(Literal["github", "gitlab"], given)


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The repository's folder, new or not.")] = Path("."),
    beginning: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="[hubspot|pipedrive|webhook|inbound|CONNECTION]",
            help="What to begin with; a CONNECTION proposes a mapping out of its account file.",
        ),
    ] = None,
    tenant: Annotated[
        str | None, typer.Option("--tenant", "-t", help="The tenant's name; that of the folder without it.")
    ] = None,
    ci: Annotated[
        str | None,
        typer.Option("--ci", parser=_ci, metavar="[github|gitlab]", help="Review changes in continuous integration."),
    ] = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Lay out a tenant's repository, or propose a first mapping for a connection; nothing is overwritten."""
    from queast_runtime.cli.init.command import Asked, run

    run(Asked(folder, beginning, tenant, cast(Literal["github", "gitlab"] | None, ci), format))
