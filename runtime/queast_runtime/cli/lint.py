"""`qmap lint`: the findings of the selected tenants and files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from queast_dsl.diagnostics import Finding, Severity
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import Format, data, say
from queast_runtime.cli.places import select
from queast_runtime.cli.wording import counted


def run(paths: Sequence[Path], format: Format, fail_on: str) -> None:
    """Print findings; raises SystemExit(1) where one is at least as severe as `fail_on`."""
    if fail_on not in ("error", "warning"):
        raise CommandError(Exit.USAGE, f"--fail-on takes error or warning, not {fail_on}")
    findings, mappings = check(paths)
    if format is Format.JSON:
        from queast_dsl.diagnostics.render.json import render as render_json

        data(render_json(findings))
    else:
        from queast_dsl.diagnostics.render.text import render as render_text

        data(render_text(findings))
        say(_summary(findings, mappings))
    failing = {Severity.ERROR} if fail_on == "error" else {Severity.ERROR, Severity.WARNING}
    if any(finding.severity in failing for finding in findings):
        raise SystemExit(Exit.FINDINGS)


def check(paths: Sequence[Path]) -> tuple[list[Finding], int]:
    """Return all findings for PATHS in order, and how many mappings were read."""
    from queast_runtime.cli.compiling import compile_selection

    findings: list[Finding] = []
    mappings = 0
    for selection in select(paths):
        result = compile_selection(selection, rules=True)
        mappings += result.mappings_read
        findings += result.findings
    return findings, mappings


def _summary(findings: Sequence[Finding], mappings: int) -> str:
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    warnings = sum(finding.severity is Severity.WARNING for finding in findings)
    read = f"{counted(mappings, 'mapping')} read"
    if not errors and not warnings:
        return f"{read}: no findings"
    return f"{read}: {counted(errors, 'error')}, {counted(warnings, 'warning')}"
