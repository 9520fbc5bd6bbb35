"""`qmap lint`: the findings of the selected tenants and files; with `--fix` and `--diff` what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from queast_dsl.diagnostics import Diagnostics, Finding, Severity
from queast_dsl.diagnostics.model import Fix
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.lint_app import LintFormat
from queast_runtime.cli.output import data, say
from queast_runtime.cli.places import Selection, select
from queast_runtime.cli.wording import counted

# How often files are checked again only to say which findings --fix would fix.
_CHECKS_TO_COUNT = 8
_CHECKS_TO_SHOW = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """What `qmap lint` was called with."""

    format: LintFormat = LintFormat.TEXT
    fail_on: str = "error"
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    fix: bool = False
    diff: bool = False
    changed: str | None = None


def run(paths: Sequence[Path], asked: Asked) -> None:
    """Print findings; raises SystemExit(1) where one is at least as severe as `fail_on`, or `--diff` shows a change."""
    from queast_runtime.cli.choosing import chosen

    if asked.fail_on not in ("error", "warning"):
        raise CommandError(Exit.USAGE, f"--fail-on takes error or warning, not {asked.fail_on}")
    if asked.fix and asked.diff:
        raise CommandError(Exit.USAGE, "--fix writes and --diff only shows", "give one of the two")
    if asked.diff and asked.format is not LintFormat.TEXT:
        raise CommandError(Exit.USAGE, "--diff prints a diff", "for JSON leave it out: each finding carries its fix")
    is_chosen = chosen(asked.select, asked.ignore)
    strays = Diagnostics()
    selections = select(paths, strays, with_policy=True)
    if asked.changed is not None:
        from queast_runtime.cli.changed import narrowed

        selections = narrowed(selections, asked.changed)
    if asked.diff:
        _show_diff(selections, is_chosen)
        return
    if asked.fix:
        _write_fixes(selections, is_chosen)
    _show_findings(selections, [each for each in strays if is_chosen(each)], is_chosen, asked)


def _show_findings(
    selections: Sequence[Selection], strays: Sequence[Finding], is_chosen: Callable[[Finding], bool], asked: Asked
) -> None:
    from queast_compiler.passes.check_pins import Pinned
    from queast_runtime.cli.compiling import compile_selection, distinct

    findings = list(strays)
    hidden: list[Finding] = []
    fixes: dict[Finding, Fix] = {}
    mappings = 0
    checks = _CHECKS_TO_SHOW if asked.format is LintFormat.JSON else _CHECKS_TO_COUNT
    for selection in selections:
        result = compile_selection(selection, rules=True, tests=selection.asks_tests, pinned=Pinned.ALL)
        shown = [finding for finding in result.findings if is_chosen(finding)]
        findings += shown
        hidden += [finding for finding in result.findings if not is_chosen(finding)]
        mappings += result.mappings_read
        # After --fix nothing is left that could be fixed.
        if not asked.fix and any(finding.fix is not None for finding in shown):
            from queast_compiler.lint.fixing import Checked
            from queast_compiler.lint.same_meaning import Plans
            from queast_runtime.cli.fixing import offers

            found = Checked(result.all_findings, Plans(result.compiled.connections, result.compiled.mappings))
            fixes |= offers(selection, found, shown, checks=checks)
    findings = distinct(findings)
    data(_rendered(findings, fixes, asked.format))
    if asked.format is not LintFormat.JSON:
        say(_summary(findings, mappings, len(fixes)) + _of_hidden(distinct(hidden)))
    failing = {Severity.ERROR} if asked.fail_on == "error" else {Severity.ERROR, Severity.WARNING}
    if any(finding.severity in failing for finding in findings):
        raise SystemExit(Exit.FINDINGS)


def _of_hidden(findings: Sequence[Finding]) -> str:
    """What was found and not asked for: an error among it stops the mapping all the same."""
    if not findings:
        return ""
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    among = f", {counted(errors, 'error')} among them" if errors else ""
    return f"; not shown: {counted(len(findings), 'finding')} of other codes{among}"


def _rendered(findings: Sequence[Finding], fixes: Mapping[Finding, Fix], format: LintFormat) -> str:
    match format:
        case LintFormat.TEXT:
            from queast_dsl.diagnostics.render.text import render as render_text

            return render_text(findings)
        case LintFormat.JSON:
            from queast_dsl.diagnostics.render.json import render as render_json

            return render_json(findings, fixes)
        case LintFormat.GITHUB:
            from queast_dsl.diagnostics.render.github import render as render_github

            return render_github(findings)
        case LintFormat.GITLAB:
            from queast_dsl.diagnostics.render.gitlab import render as render_gitlab

            return render_gitlab(findings)
        case LintFormat.SARIF:
            from queast_dsl.diagnostics.render.sarif import render as render_sarif

            return render_sarif(findings)


def _write_fixes(selections: Sequence[Selection], is_chosen: Callable[[Finding], bool]) -> None:
    from queast_runtime.cli.fixing import fix, write

    made = [fix(selection, is_chosen) for selection in selections]
    for files, result in made:
        write(files, result)
    findings, changed = sum(len(each.findings) for _, each in made), sum(len(each.texts) for _, each in made)
    say(f"fixed {counted(findings, 'finding')} in {counted(changed, 'file')}")


def _show_diff(selections: Sequence[Selection], is_chosen: Callable[[Finding], bool]) -> None:
    from queast_runtime.cli.fixing import fix, unified_diff

    made = [fix(selection, is_chosen) for selection in selections]
    for files, result in made:
        for shown, text in sorted(result.texts.items()):
            data(unified_diff(shown, files.files[shown].text, text))
    findings, changed = sum(len(each.findings) for _, each in made), sum(len(each.texts) for _, each in made)
    say(f"--fix would fix {counted(findings, 'finding')} in {counted(changed, 'file')}")
    if changed:
        raise SystemExit(Exit.FINDINGS)


def _summary(findings: Sequence[Finding], mappings: int, fixable: int) -> str:
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    warnings = sum(finding.severity is Severity.WARNING for finding in findings)
    notes = len(findings) - errors - warnings
    read = f"{counted(mappings, 'mapping')} read"
    if not findings and not fixable:
        return f"{read}: no findings"
    found = f"{read}: {counted(errors, 'error')}, {counted(warnings, 'warning')}"
    found += f", {counted(notes, 'note')}" if notes else ""
    return f"{found}; {fixable} fixable with --fix" if fixable else found
