"""Findings as one JSON object for tools; `schema_version` rises when a field changes its meaning."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from queast_dsl.diagnostics.model import Edit, Finding, Fix
from queast_dsl.diagnostics.render.text import visible

_NO_FIXES: Mapping[Finding, Fix] = {}


def render(findings: Iterable[Finding], fixes: Mapping[Finding, Fix] = _NO_FIXES) -> str:
    """Return `{"schema_version": 1, "findings": [...]}` ending in a line break.

    A file's name is given as the text shows it: one that is no UTF-8 would make the object none either.
    `fixes` are those that hold, as characters of the file; without one a finding's `fix` is null.
    """
    rows = [_row(each, fixes.get(each)) for each in findings]
    return json.dumps({"schema_version": 1, "findings": rows}, ensure_ascii=False) + "\n"


def _row(finding: Finding, fix: Fix | None) -> dict[str, Any]:
    span = finding.span
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": visible(finding.message, keep_breaks=True),
        "file": visible(span.file.path) if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
        "help": None if finding.help is None else visible(finding.help, keep_breaks=True),
        "fix": None if fix is None else {"title": fix.title, "edits": [_edit(each) for each in fix.edits]},
    }


def _edit(edit: Edit) -> dict[str, Any]:
    span = edit.span
    return {
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "text": edit.text,
    }
