"""Sources that do not compile, said in the format that was asked for: whoever reads it gets a report, not a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never
from xml.sax.saxutils import escape, quoteattr

from queast_dsl.diagnostics import Finding
from queast_dsl.diagnostics.render.text import render as render_text
from queast_dsl.diagnostics.render.text import visible
from queast_runtime.cli.diff.formats import DiffFormat
from queast_runtime.cli.diff.markdown import MARKER, code
from queast_runtime.cli.wording import counted

_SHOWN = 50


def render(findings: Sequence[Finding], format: DiffFormat) -> str:
    """Return the findings of sources that cannot be compared."""
    match format:
        case DiffFormat.TEXT:
            return render_text(findings)
        case DiffFormat.JSON:
            from queast_dsl.diagnostics.render.json import render as render_json

            return render_json(findings)
        case DiffFormat.MD:
            return _markdown(findings)
        case DiffFormat.GITHUB:
            from queast_dsl.diagnostics.render.github import render as render_github

            return render_github(findings)
        case DiffFormat.GITLAB:
            from queast_dsl.diagnostics.render.gitlab import render as render_gitlab

            return render_gitlab(findings)
        case DiffFormat.SARIF:
            from queast_dsl.diagnostics.render.sarif import render as render_sarif

            return render_sarif(findings)
        case DiffFormat.JUNIT:
            return junit("qmap diff", findings)
        case _:
            assert_never(format)


def _markdown(findings: Sequence[Finding]) -> str:
    lines = [MARKER, f"### qmap diff: {counted(len(findings), 'finding')} in the sources, so nothing was compared", ""]
    lines += [f"- {code(f'{each.code} {each.message}')} ({code(_place(each))})" for each in findings[:_SHOWN]]
    if len(findings) > _SHOWN:
        lines.append(f"- and {len(findings) - _SHOWN:,} more: {code('qmap lint')}")
    return "\n".join(lines) + "\n"


def junit(suite: str, findings: Sequence[Finding]) -> str:
    """One suite in which each finding is a case that failed."""
    cases = "".join(
        f"    <testcase name={_attribute(_place(each))} classname={_attribute(each.code)}>\n"
        f"      <failure message={_attribute(each.message)}>{escape(visible(each.message))}</failure>\n"
        "    </testcase>\n"
        for each in findings
    )
    count = len(findings)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name={_attribute(suite)}>\n'
        f'  <testsuite name="sources" tests="{count}" failures="{count}">\n{cases}  </testsuite>\n</testsuites>\n'
    )


def _place(finding: Finding) -> str:
    span = finding.span
    return "the sources" if span is None else f"{span.file.path}:{span.line}"


def _attribute(text: str) -> str:
    return quoteattr(visible(text))
