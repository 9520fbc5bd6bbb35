"""`qmap diff`: its options. What it does is loaded when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from queast_runtime.cli.diff.formats import DiffFormat
from queast_runtime.cli.options import Paths, StoreUrl, format_of


def diff(
    paths: Paths = None,
    against: Annotated[
        str,
        typer.Option("--against", metavar="[git:REF|published|DIR]", help="What stood before: a commit, what runs."),
    ] = "published",
    sample: Annotated[
        int | None,
        typer.Option("--sample", metavar="N", min=0, help="Try it on the last N stored events; 0 tries it on none."),
    ] = None,
    events: Annotated[
        list[Path] | None,
        typer.Option("--events", metavar="FILE", help="Try it on these events (default: the tenant's events/*.jsonl)."),
    ] = None,
    records: Annotated[
        list[Path] | None, typer.Option("--records", metavar="FILE", help="The CRM's records to match them with.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="CHANGE", help="Write a file for qmap publish.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Print to a file.")] = None,
    context: Annotated[
        int, typer.Option("--context", metavar="N", min=0, help="Show N unchanged fields around a change.")
    ] = 0,
    full: Annotated[bool, typer.Option("--full", help="Show every unchanged field of what changes.")] = False,
    show_values: Annotated[
        bool, typer.Option("--show-values", help="Show values of examples, but for those that tell of persons.")
    ] = False,
    detailed: Annotated[
        bool, typer.Option("--detailed-exitcode", help="End with 3 where something changes and nothing is gated.")
    ] = False,
    store: StoreUrl = None,
    format: Annotated[
        DiffFormat,
        typer.Option(
            "--format",
            envvar="QMAP_FORMAT",
            parser=format_of(DiffFormat, "QMAP_FORMAT"),
            metavar="[text|json|md|github|gitlab|sarif|junit]",
            help="How it is printed.",
        ),
    ] = DiffFormat.TEXT,
) -> None:
    """Show what a change does to which records, and what must be accepted; an open gate ends with exit 4."""
    from queast_runtime.cli.diff.command import Asked, run

    run(
        paths or [],
        Asked(
            against=against,
            format=format,
            sample=sample,
            events=tuple(events or ()),
            records=tuple(records or ()),
            out=out,
            output=output,
            context=None if full else context,
            show_values=show_values,
            detailed=detailed,
            store=store,
        ),
    )
