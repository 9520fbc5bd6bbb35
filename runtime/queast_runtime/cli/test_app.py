"""`qmap test`: a command that has one below it. Whatever is not called `record` are its paths and options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from queast_runtime.cli.options import Paths

_RUN = "run"


class _RunByDefault(TyperGroup):
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in self.commands:
            args.insert(0, _RUN)
        left: list[str] = super().parse_args(ctx, args)
        return left

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        # What a person types has no such word, so no message and no help shows it.
        return ("" if name == _RUN else name), command, rest


class _UnnamedContext(typer.Context):
    @property
    def command_path(self) -> str:
        # A command without a name leaves the blank that would stand before it.
        return super().command_path.rstrip()


class _Unnamed(TyperCommand):
    context_class = _UnnamedContext


test = typer.Typer(cls=_RunByDefault, rich_markup_mode=None, help="Run tests of mappings; `record` writes one.")


@test.command(_RUN, hidden=True, cls=_Unnamed)
def run_(
    paths: Paths = None,
    expr: Annotated[
        str | None, typer.Option("-k", metavar="EXPR", help="Only tests whose name or mapping says this; and, or, not.")
    ] = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Say which rules, fields and branches no test exercises.")
    ] = False,
    lcov: Annotated[
        Path | None, typer.Option("--lcov", metavar="FILE", help="Write line and branch hits of mapping files to FILE.")
    ] = None,
    fail_under: Annotated[
        float | None,
        typer.Option("--fail-under", metavar="PERCENT", min=0, max=100, help="Fail where less than this is covered."),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Write what came into the expectations of tests that fail.")
    ] = False,
    format: Annotated[str, typer.Option("--format", help="text, json or junit.")] = "text",
) -> None:
    """Run tests of mappings: what an event would do to records that the test gives. Nothing is sent.

    To write a test of an event that you have: qmap test record --event FILE -o TEST.yaml
    """
    from queast_runtime.cli.cases.run import Asked, Shown, run

    if format not in tuple(Shown):
        raise typer.BadParameter(f"--format takes text, json or junit, not {format}")
    run(paths or [], Asked(expr, coverage, lcov, fail_under, update, Shown(format)))


@test.command()
def record(
    event: Annotated[Path, typer.Option("--event", metavar="FILE", help="A file with one event as JSON.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="TEST.yaml", help="The file of tests that is written.")],
    mapping: Annotated[
        str | None, typer.Option("--mapping", metavar="NAME", help="The mapping; needed where the tenant has several.")
    ] = None,
    redact: Annotated[
        bool, typer.Option("--redact", help="Put placeholders in the place of company names and domains, too.")
    ] = False,
) -> None:
    """Write a test of an event and of what its mapping makes of it now; persons get placeholders."""
    from queast_runtime.cli.cases.recording import record as write

    write(event, out, mapping, redact=redact)
