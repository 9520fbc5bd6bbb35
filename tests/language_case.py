"""One expression or template, compiled and run, for the tests of the language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from queast_compiler.codegen.interpret import Interpreter
from queast_compiler.passes.expressions import (
    Destination,
    Typed,
    compile_condition,
    compile_expression,
    compile_template,
    environment,
)
from queast_dsl.diagnostics.model import Diagnostics, Finding
from queast_dsl.document.mapping import Table
from queast_dsl.source import Located, SourceFile, SourceText, Span

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)

COMPANY = {
    "id": "c1",
    "sequence": 3,
    "name": "Nordic Data AS",
    "website_url": "https://www.nordicdata.no/en",
    "country": "NO",
    "industry": "software",
    "employee_count": 140,
    "technologies": ["python", "sql"],
    "founded_on": "2009-03-01",
}
SIGNAL = {
    "id": "s1",
    "sequence": 1,
    "type": "job_ad",
    "title": "Hires <two> engineers",
    "strictness": "strict",
    "state": "active",
    "score": 75.5,
    "occurred_at": "2026-01-04T01:00:00+01:00",
    "company": COMPANY,
}
JOB_AD = {"id": "j1", "sequence": 1, "title": "Engineer", "company_id": "c1", "url": "https://nordicdata.no/j1"}

INDUSTRIES = {"software": "COMPUTER_SOFTWARE", "banking": "BANKING"}


def source_text(text: str) -> SourceText:
    return SourceText(text, Span(SourceFile("mappings/acme/m.yaml", text), 0, len(text)))


def table(name: str, rows: Mapping[str, str]) -> Table:
    place = Span(SourceFile("mappings/acme/m.yaml", f"tables: {name}"), 0, 6)
    return Table(
        Located(name, place), tuple((Located(key, place), Located(value, place)) for key, value in rows.items())
    )


@dataclass(frozen=True)
class Outcome:
    typed: Typed | None
    findings: tuple[Finding, ...]

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.findings]

    @property
    def only(self) -> Finding:
        (finding,) = self.findings
        return finding

    @property
    def marked(self) -> str:
        """The text under the caret of the only finding."""
        span = self.only.span
        assert span is not None
        return span.file.text[span.start : span.end]

    def good(self) -> Typed:
        assert self.findings == ()
        assert self.typed is not None
        return self.typed


def compiled(
    text: str,
    *,
    entity: str = "signal",
    granted: tuple[str, ...] = (),
    tables: Mapping[str, Mapping[str, str]] | None = None,
    destination: Destination | None = None,
    kind: Literal["expression", "condition", "html", "markdown", "plain"] = "expression",
    remembers: bool = True,
) -> Outcome:
    diagnostics = Diagnostics()
    rows = {"industries": INDUSTRIES} if tables is None else tables
    shown = {name: table(name, each) for name, each in rows.items()}
    env = environment(entity, shown, frozenset(granted), remembers=remembers)
    source = source_text(text)
    match kind:
        case "expression":
            typed = compile_expression(source, env, diagnostics, destination)
        case "condition":
            typed = compile_condition(source, env, diagnostics)
        case _:
            typed = compile_template(source, env, diagnostics, kind)
    assert (typed is None) == diagnostics.has_errors
    return Outcome(typed, diagnostics.findings)


def value_of(typed: Typed, data: Mapping[str, Any] | None = None) -> Any:
    """Run it over an event's data by the reference interpreter."""
    run = Interpreter({"industries": INDUSTRIES}).expression(typed.ir)
    return run(data if data is not None else {"signal": SIGNAL}, NOW)
