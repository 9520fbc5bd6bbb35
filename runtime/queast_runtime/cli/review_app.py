"""The commands `qmap review …` and `qmap links …`: names, options and help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from queast_runtime.cli.options import AsFormat, StoreUrl
from queast_runtime.cli.output import Format

review = typer.Typer(
    help="Decide the matches that wait for a person, and see what was decided.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
links = typer.Typer(
    help="See which record stands for which entity and why; take a link down.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Tenant = Annotated[str, typer.Option("--tenant", "-t", help="Whose cases.")]
Connection = Annotated[str | None, typer.Option("--connection", help="Only this connection.")]
Case = Annotated[str, typer.Argument(metavar="ID", help="The case, as `qmap review list` shows it.")]
Note = Annotated[str, typer.Option("--note", help="Why, for the history; at most 1,000 characters.")]
Seen = Annotated[
    int | None,
    typer.Option("--seen", metavar="VERSION", min=1, help="Answer only if the case still is at this version."),
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most this many.")]


@review.command("list")
def list_(
    tenant: Tenant,
    connection: Connection = None,
    kind: Annotated[str | None, typer.Option("--kind", help="match, sample or inbound.")] = None,
    still_open: Annotated[bool, typer.Option("--open/--all", help="Only what waits, or what was decided too.")] = True,
    limit: Limit = 50,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """List cases in the order in which they should be decided."""
    from queast_runtime.cli.reviews.listing import run

    run(tenant, connection, kind, still_open, limit, store, format)


@review.command()
def show(
    case: Case,
    tenant: Tenant,
    as_test: Annotated[
        bool, typer.Option("--as-test", help="Print it as a test of the mapping in YAML, without any real name.")
    ] = False,
    show_values: Annotated[bool, typer.Option("--show-values", help="Print personal data too.")] = False,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Show both sides of a case with the evidence for each candidate, and its history."""
    from queast_runtime.cli.reviews.showing import run

    run(case, tenant, as_test, show_values, store, format)


@review.command()
def accept(
    case: Case,
    tenant: Tenant,
    record: Annotated[
        str | None, typer.Argument(metavar="[RECORD]", help="The record's id; may be left out where one is left.")
    ] = None,
    note: Note = "",
    seen: Seen = None,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Link the entity to RECORD. Records of the CRM are never merged."""
    from queast_runtime.cli.reviews.answers import Asked, run

    run(case, Asked("link", record, note, seen), tenant, store, format)


@review.command()
def reject(
    case: Case,
    tenant: Tenant,
    record: Annotated[str | None, typer.Argument(metavar="[RECORD]", help="Only this one; without it all.")] = None,
    note: Note = "",
    seen: Seen = None,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Say that RECORD, or no candidate at all, is the entity; it is remembered."""
    from queast_runtime.cli.reviews.answers import Asked, run

    run(case, Asked("reject", record, note, seen), tenant, store, format)


@review.command()
def create(
    case: Case,
    tenant: Tenant,
    note: Note = "",
    seen: Seen = None,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Reject every candidate and let a new record be made, once."""
    from queast_runtime.cli.reviews.answers import Asked, run

    run(case, Asked("create", None, note, seen), tenant, store, format)


@review.command()
def skip(
    case: Case,
    tenant: Tenant,
    note: Note = "",
    seen: Seen = None,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Put a case at the end of the queue."""
    from queast_runtime.cli.reviews.answers import Asked, run

    run(case, Asked("skip", None, note, seen), tenant, store, format)


@review.command()
def unsure(
    case: Case,
    tenant: Tenant,
    note: Note = "",
    seen: Seen = None,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Put a case at the end of the queue, marked for somebody who knows better."""
    from queast_runtime.cli.reviews.answers import Asked, run

    run(case, Asked("unsure", None, note, seen), tenant, store, format)


@review.command()
def undo(
    case: Case,
    tenant: Tenant,
    revert: Annotated[
        bool, typer.Option("--revert", help="Also put back what our writes replaced and nobody changed since.")
    ] = False,
    seen: Seen = None,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Take the newest answer to a case back and open it again; says what stays in the CRM."""
    from queast_runtime.cli.reviews.answers import undo as run

    run(case, seen, revert, tenant, store, format)


@review.command()
def stats(
    tenant: Tenant,
    connection: Connection = None,
    kind: Annotated[str | None, typer.Option("--kind", help="match, sample or inbound.")] = None,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Show what is open, what was answered and how fast, and how often the engine was right."""
    from queast_runtime.cli.reviews.figures import run

    run(tenant, connection, kind, store, format)


@review.command()
def calibrate(
    tenant: Tenant,
    connection: Connection = None,
    root: Annotated[Path, typer.Option("--root", help="The mappings folder.")] = Path("mappings"),
    write: Annotated[bool, typer.Option("--write", help="Write the proposal into connections.yaml.")] = False,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Fit the threshold of links by name to the answers, and propose a change of connections.yaml as a diff."""
    from queast_runtime.cli.reviews.calibrating import run

    run(tenant, connection, root, write, store, format)


@links.command("list")
def links_list(
    tenant: Tenant,
    connection: Connection = None,
    standing: Annotated[str | None, typer.Option("--standing", help="established or inferred.")] = None,
    rule: Annotated[str | None, typer.Option("--rule", help="domain, name, review …")] = None,
    limit: Limit = 50,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """List links with the rule that made each."""
    from queast_runtime.cli.links import list_

    list_(tenant, connection, standing, rule, limit, store, format)


Entity = Annotated[str, typer.Argument(metavar="ID", help="Our id of the company or person.")]


@links.command("show")
def links_show(
    entity: Entity,
    tenant: Tenant,
    connection: Connection = None,
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Show an entity's links with the evidence and every change of them."""
    from queast_runtime.cli.links import show as show_links

    show_links(entity, tenant, connection, store, format)


@links.command("unlink")
def links_unlink(
    entity: Entity,
    tenant: Tenant,
    connection: Connection = None,
    record: Annotated[str | None, typer.Option("--record", help="Only if it still is this record.")] = None,
    revert: Annotated[
        bool, typer.Option("--revert", help="Also put back what our writes replaced and nobody changed since.")
    ] = False,
    note: Note = "",
    store: StoreUrl = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Take a link down and remember that the two are not the same; `qmap review undo` takes that back."""
    from queast_runtime.cli.links import unlink

    unlink(entity, tenant, connection, record, revert, note, store, format)
