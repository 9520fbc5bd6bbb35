"""Findings as workflow commands of GitHub Actions, which shows each at its line of the change.

`::error file=mappings/acme/acme-hubspot.yaml,line=15,col=34,endColumn=47,title=QM211::company has no field …`
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from queast_dsl.diagnostics.model import Finding, Severity
from queast_dsl.diagnostics.render.text import visible

# A step shows ten annotations of each level and drops the rest.
ANNOTATIONS: Final = 10
_ORDER: Final = (Severity.ERROR, Severity.WARNING, Severity.INFO)
_LEVEL: Final[dict[Severity, Literal["error", "warning", "notice"]]] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}


def render(findings: Sequence[Finding]) -> str:
    """Return a line for each finding, most severe first; what a step would drop is counted in the last line."""
    found = sorted(findings, key=lambda each: _ORDER.index(each.severity))
    shown = found if len(found) <= ANNOTATIONS else found[: ANNOTATIONS - 1]
    lines = [_annotation(each) for each in shown]
    if len(found) > len(shown):
        lines.append(f"::notice title=qmap lint::{len(found) - len(shown)} more findings; all of them: qmap lint")
    return "".join(f"{line}\n" for line in lines)


def _annotation(finding: Finding) -> str:
    place: list[tuple[str, object]] = []
    span = finding.span
    if span is not None:
        place = [("file", span.file.path), ("line", span.line), ("endLine", span.end_line), ("col", span.column)]
        # A column of the end counts on one line only.
        place += [("endColumn", span.end_column)] if span.end_line == span.line else []
    text = finding.message + (f"\n{finding.help}" if finding.help else "")
    return command(_LEVEL[finding.severity], [*place, ("title", finding.code)], text)


def command(level: Literal["error", "warning", "notice"], properties: Sequence[tuple[str, object]], text: str) -> str:
    """Return one workflow command. Nothing in a property or in the text can end it or begin another."""
    told = ",".join(f"{name}={_property(str(value))}" for name, value in properties)
    return f"::{level} {told}::{_data(text)}"


def _data(text: str) -> str:
    return visible(text, keep_breaks=True).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")
