"""The commands `qmap mirror …`: names, options and help."""

from __future__ import annotations

from typing import Annotated

import typer

from queast_runtime.cli.options import AsFormat, StoreUrl
from queast_runtime.cli.output import Format

mirror = typer.Typer(
    help="Read what records a CRM has, so that matching finds them.", no_args_is_help=True, rich_markup_mode=None
)

Tenant = Annotated[str, typer.Option("--tenant", "-t", help="The tenant whose release is used.")]
AnyTenant = Annotated[str | None, typer.Option("--tenant", "-t", help="Only this tenant.")]


@mirror.command()
def sync(
    tenant: Tenant,
    connection: Annotated[
        list[str] | None, typer.Option("--connection", help="Only this connection; may be given again.")
    ] = None,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Read every record anew; what was cut off goes on where it stopped. A process that drains the tenant is
    asked to do it, and waited for. Exit 5 where a mirror is not complete."""
    from queast_runtime.cli.mirror import sync as run

    run(tenant, connection or [], store, format)


@mirror.command()
def status(
    tenant: AnyTenant = None,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Print how many records each mirror has, how old it is, and what it waits for."""
    from queast_runtime.cli.mirror import status as run

    run(tenant, store, format)
