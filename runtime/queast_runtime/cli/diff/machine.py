"""What `qmap diff` says to programs: JSON of a versioned schema, GitHub, GitLab, SARIF and JUnit."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any, Final, Literal
from xml.sax.saxutils import escape, quoteattr

from queast_compiler.diff.kinds import KINDS
from queast_compiler.diff.model import Change
from queast_dsl.diagnostics.render.github import ANNOTATIONS, command
from queast_dsl.diagnostics.render.text import visible
from queast_runtime.cli.diff.grouping import by_severity, place, says, value_text
from queast_runtime.cli.diff.model import Acceptance, Report, TenantReport

VERSION: Final = 1
_GITHUB: Final[dict[str, Literal["error", "warning", "notice"]]] = {
    "block": "error",
    "warn": "warning",
    "info": "notice",
}
_GITLAB: Final = {"block": "critical", "warn": "major", "info": "info"}
_SARIF: Final = {"block": "error", "warn": "warning", "info": "note"}
_SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as `diff.schema.json` describes it. Values of persons are not in it."""
    return {
        "schema_version": VERSION,
        "against": {"kind": report.against.kind, "name": report.against.name, "revision": report.against.revision},
        "sources": report.sources,
        "gated": list(report.gated),
        "open": list(report.open),
        "accepted": [_acceptance(each) for each in report.accepted],
        "notes": list(report.notes),
        "tenants": [_tenant(each) for each in report.tenants],
    }


def _acceptance(each: Acceptance) -> dict[str, str]:
    return {"category": each.category, "reason": each.reason, "commit": each.commit, "author": each.author}


def _tenant(tenant: TenantReport) -> dict[str, Any]:
    old, new = tenant.digests
    return {
        "tenant": tenant.tenant,
        "mappings": {name: {"old": old.get(name), "new": new.get(name)} for name in sorted({*old, *new})},
        "changes": [change_json(each) for each in tenant.changes],
        "unchanged": dict(tenant.comparison.unchanged),
        "broken": list(tenant.broken),
        "drift": list(tenant.drift),
        "effect": None if tenant.effect is None else asdict(tenant.effect),
    }


def change_json(change: Change) -> dict[str, Any]:
    return {
        "id": change.kind.id,
        "category": change.kind.category,
        "gate": change.kind.gate,
        "says": change.kind.says,
        "connection": change.connection,
        "mapping": change.mapping,
        "path": change.path,
        "old": change.old,
        "new": change.new,
        "note": change.note,
        "file": change.file,
        "line": change.line,
    }


def github(report: Report) -> str:
    """Workflow commands, most severe first; what a step would drop is counted in the last one."""
    found = by_severity(report.changes)
    shown = found if len(found) <= ANNOTATIONS else found[: ANNOTATIONS - 1]
    lines = [_annotation(each) for each in shown]
    if len(found) > len(shown):
        lines.append(f"::notice title=qmap diff::{len(found) - len(shown)} more changes; all of them: qmap diff --full")
    return "".join(f"{line}\n" for line in lines)


def _annotation(change: Change) -> str:
    line = [("line", change.line)] if change.line else []
    title = ("title", f"{change.kind.category} {change.kind.says}")
    text = visible(f"{_where(change)}: {value_text(change, 200)}" + (f" ({change.note})" if change.note else ""))
    return command(_GITHUB[change.kind.gate], [("file", change.file), *line, title], text)


def _where(change: Change) -> str:
    return f"{change.mapping or change.connection} {change.path}"


def gitlab(report: Report) -> list[dict[str, Any]]:
    """A Code Quality report."""
    return [
        {
            "description": f"{each.kind.category}: {says(each)}: {_where(each)} {value_text(each, 200)}",
            "check_name": each.kind.id,
            "fingerprint": _fingerprint(each),
            "severity": _GITLAB[each.kind.gate],
            "location": {"path": each.file, "lines": {"begin": max(1, each.line)}},
        }
        for each in by_severity(report.changes)
    ]


def _fingerprint(change: Change) -> str:
    told = [change.kind.id, change.connection, change.mapping, change.path, change.old, change.new]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def sarif(report: Report) -> dict[str, Any]:
    """A SARIF 2.1.0 log with one run; the rules are the kinds of changes that were found."""
    used = sorted({each.kind.id for each in report.changes})
    rules = [
        {
            "id": KINDS[each].id,
            "name": KINDS[each].id,
            "shortDescription": {"text": KINDS[each].checks_that},
            "fullDescription": {"text": KINDS[each].why},
            "defaultConfiguration": {"level": _SARIF[KINDS[each].gate]},
            "properties": {"category": KINDS[each].category},
        }
        for each in used
    ]
    results = [
        {
            "ruleId": each.kind.id,
            "ruleIndex": used.index(each.kind.id),
            "level": _SARIF[each.kind.gate],
            "message": {"text": f"{_where(each)}: {says(each)}: {value_text(each, 400)}"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": each.file},
                        "region": {"startLine": max(1, each.line)},
                    }
                }
            ],
            "partialFingerprints": {"change/v1": _fingerprint(each)},
        }
        for each in by_severity(report.changes)
    ]
    driver = {"name": "qmap diff", "informationUri": "https://queast.example/qmap", "rules": rules}
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def junit(report: Report) -> str:
    """One suite a tenant, one case a change; a gated category that nobody accepted yet fails its cases."""
    suites = []
    for tenant in report.tenants:
        cases = [
            _case(each, is_open=each.kind.gate == "block" and each.kind.category in report.open)
            for each in tenant.changes
        ]
        failures = sum("<failure" in each for each in cases)
        name = _attribute(f"qmap diff {tenant.tenant}")
        suites.append(
            f'  <testsuite name={name} tests="{len(cases)}" failures="{failures}">\n'
            + "".join(cases)
            + "  </testsuite>\n"
        )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="qmap diff">\n{"".join(suites)}</testsuites>\n'


def _case(change: Change, *, is_open: bool) -> str:
    name, kind = _attribute(_where(change)), _attribute(f"{change.kind.category}.{change.kind.id}")
    head = f"    <testcase name={name} classname={kind} file={_attribute(change.file)}"
    if not is_open:
        return f"{head}/>\n"
    message = _attribute(f"{change.kind.category} must be accepted: {says(change)}")
    text = escape(visible(f"{value_text(change, 400)}\n{place(change)}", keep_breaks=True))
    return f"{head}>\n      <failure message={message}>{text}</failure>\n    </testcase>\n"


def _attribute(text: str) -> str:
    return quoteattr(visible(text))
