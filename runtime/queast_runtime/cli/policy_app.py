"""The commands `qmap policy`: their names, options and help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from queast_runtime.cli.options import AsFormat
from queast_runtime.cli.output import Format
from queast_runtime.cli.release_app import Token

Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with the policy.")]
AsOperator = Annotated[
    bool, typer.Option("--as-operator", help="Set it as the operator where CI is set, too. Not with --token.")
]
policy = typer.Typer(
    help="The platform's policy that releases are made under.", no_args_is_help=True, rich_markup_mode=None
)


@policy.command("set")
def set_(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A policy.yaml, or the mappings folder it lies in.")],
    reason: Reason = None,
    token: Token = None,
    as_operator: AsOperator = False,
    format: AsFormat = Format.TEXT,
) -> None:
    """Let a policy stand from now on. Plans that run go on; the next release of each tenant is made under it."""
    from queast_runtime.cli.policy import let_stand

    let_stand(path, reason, token, format, as_operator=as_operator)


@policy.command()
def show(
    text: Annotated[bool, typer.Option("--text", help="Print the file that stands and nothing else.")] = False,
    token: Token = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Show which policy stands, since when and who said so, and those before it, newest first."""
    from queast_runtime.cli.policy import show

    show(token, format, text=text)
