"""`qmap lint`: its options. What it does is loaded when it runs."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from queast_runtime.cli.options import Paths, format_of


class LintFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    GITLAB = "gitlab"
    SARIF = "sarif"


def lint(
    paths: Paths = None,
    format: Annotated[
        LintFormat,
        typer.Option(
            "--format",
            envvar="QMAP_FORMAT",
            parser=format_of(LintFormat, "QMAP_FORMAT"),
            metavar="[text|json|github|gitlab|sarif]",
            help="How findings are printed on stdout.",
        ),
    ] = LintFormat.TEXT,
    fail_on: Annotated[str, typer.Option("--fail-on", help="error or warning.")] = "error",
    fix: Annotated[
        bool, typer.Option("--fix", help="Write every fix that holds, then print what is left; it decides the exit.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Print what --fix would change and write nothing; exit 1 if it would.")
    ] = False,
    changed: Annotated[
        str | None,
        typer.Option(
            "--changed", metavar="REF", help="Only what changed since this commit of git, and what it touches."
        ),
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="CODES", help="Only these, by code or its beginning: QM211,QM8."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="CODES", help="Not these, by code or its beginning.")
    ] = None,
) -> None:
    """Check mappings, connections and account files; findings end with exit 1."""
    from queast_runtime.cli.lint import Asked, run

    run(paths or [], Asked(format, fail_on, tuple(select or ()), tuple(ignore or ()), fix, diff, changed))
