"""The command `qmap tokens mint`: its name, options and help."""

from __future__ import annotations

from typing import Annotated

import typer

from queast_runtime.cli.options import AsFormat
from queast_runtime.cli.output import Format

tokens = typer.Typer(
    help="Make the tokens by which people log in to the review page.", no_args_is_help=True, rich_markup_mode=None
)


# With a callback `mint` stays a command of its own, however few there are.
@tokens.callback()
def options() -> None:
    pass


@tokens.command()
def mint(
    tenant: Annotated[str, typer.Option("--tenant", "-t", help="Whose matches it opens, and nobody else's.")],
    subject: Annotated[
        str, typer.Option("--subject", metavar="NAME", help="The person; their answers are kept under this name.")
    ],
    role: Annotated[str, typer.Option("--role", help="reviewer or tenant_admin.")] = "reviewer",
    hours: Annotated[int, typer.Option("--hours", min=1, max=24, help="It ends after this many.")] = 8,
    format: AsFormat = Format.TEXT,
) -> None:
    """Print a signed token for a person; whoever has it can answer in their name until it ends."""
    from queast_runtime.cli.tokens import run

    run(tenant, subject, role, hours, format)
