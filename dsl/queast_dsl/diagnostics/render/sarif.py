"""Findings as a SARIF 2.1.0 log, for whatever collects the results of several tools."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from queast_dsl.diagnostics.model import Finding, Severity
from queast_dsl.diagnostics.registry import CODES
from queast_dsl.diagnostics.render.gitlab import fingerprint
from queast_dsl.diagnostics.render.text import visible

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVEL: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(findings: Sequence[Finding]) -> str:
    """Return one JSON object with one run; its rules are the codes that were found."""
    used = sorted({each.code for each in findings})
    rules = [
        {
            "id": each,
            "shortDescription": {"text": CODES[each].title},
            "fullDescription": {"text": CODES[each].explanation},
            "defaultConfiguration": {"level": _LEVEL[CODES[each].severity]},
        }
        for each in used
    ]
    driver = {"name": "qmap lint", "rules": rules}
    results = [_result(each, used.index(each.code)) for each in findings]
    runs = [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}]
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": runs}, ensure_ascii=False) + "\n"


def _result(finding: Finding, index: int) -> dict[str, Any]:
    text = visible(finding.message) + (f"\n{visible(finding.help, keep_breaks=True)}" if finding.help else "")
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVEL[finding.severity],
        "message": {"text": text},
        "partialFingerprints": {"finding/v1": fingerprint(finding)},
    }
    span = finding.span
    if span is not None:
        region = {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        }
        place = {"artifactLocation": {"uri": quote(span.file.path, errors="replace")}, "region": region}
        result["locations"] = [{"physicalLocation": place}]
    return result
