"""Options and arguments that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from queast_runtime.cli.output import Format

F = TypeVar("F", bound=StrEnum)


def format_of(formats: type[F], variable: str) -> Callable[[str], F]:
    """Return what reads one of `formats` that an option or else an environment variable gives; a mistake is told of
    the one that made it."""

    def read(given: str) -> F:
        if given in list(formats):
            return formats(given)
        is_option = any(each.partition("=")[0] == "--format" for each in sys.argv[1:])
        known = ", ".join(f"'{each}'" for each in formats)
        raise typer.BadParameter(
            f"{given!r} is not one of {known}.", param_hint=["--format" if is_option else f"${variable}"]
        )

    return read


Paths = Annotated[list[Path] | None, typer.Argument(help="Mappings folder, tenant folder or mapping files.")]
AsFormat = Annotated[
    Format,
    typer.Option(
        "--format",
        envvar="QMAP_FORMAT",
        parser=format_of(Format, "QMAP_FORMAT"),
        metavar="[text|json]",
        help="How data is printed on stdout.",
    ),
]
MappingName = Annotated[str, typer.Argument(metavar="MAPPING", help="The mapping's name (its file without .yaml).")]
Root = Annotated[Path, typer.Option("--root", help="The mappings folder.")]
Tenant = Annotated[str, typer.Option("--tenant", "-t", help="The tenant whose release is used.")]
AnyTenant = Annotated[str | None, typer.Option("--tenant", "-t", help="Only this tenant.")]
StoreUrl = Annotated[
    str | None, typer.Option("--store", envvar="QMAP_STORE", help="Database URL (default: in QMAP_STATE).")
]
