"""Findings as one JSON object for tools; `schema_version` rises when a field changes its meaning."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from queast_dsl.diagnostics.model import Finding


def render(findings: Iterable[Finding]) -> str:
    """Return `{"schema_version": 1, "findings": [...]}` ending in a line break."""
    return json.dumps({"schema_version": 1, "findings": [_row(f) for f in findings]}, ensure_ascii=False) + "\n"


def _row(finding: Finding) -> dict[str, Any]:
    span = finding.span
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "file": span.file.path if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
        "help": finding.help,
    }
