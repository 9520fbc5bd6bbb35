"""Findings as a Code Quality report of GitLab, which shows each in the changes of a merge request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, Final

from queast_dsl.diagnostics.model import Finding, Severity
from queast_dsl.diagnostics.render.text import visible

_SEVERITY: Final = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def render(findings: Iterable[Finding]) -> str:
    """Return a JSON array, ending in a line break."""
    return json.dumps([_row(each) for each in findings], ensure_ascii=False) + "\n"


def _row(finding: Finding) -> dict[str, Any]:
    span = finding.span
    return {
        "description": f"{finding.code} {visible(finding.message)}",
        "check_name": finding.code,
        "fingerprint": fingerprint(finding),
        "severity": _SEVERITY[finding.severity],
        # A finding about a file that is not there stands at the folder that lacks it.
        "location": {
            "path": visible(span.file.path) if span else "mappings",
            "lines": {"begin": span.line if span else 1},
        },
    }


def fingerprint(finding: Finding) -> str:
    """Return what names a finding in the next report too, in 64 hexadecimal digits: no line number, which moves."""
    span = finding.span
    line = span.file.line_text(span.line).strip() if span else ""
    told = [finding.code, finding.message, visible(span.file.path) if span else "", line]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
