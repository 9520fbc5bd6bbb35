"""`qmap lint --format`: what GitHub, GitLab and readers of SARIF are told; nothing that a tenant wrote acts there."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from queast_dsl.diagnostics import Diagnostics, Finding
from queast_dsl.diagnostics.render import github, gitlab, sarif
from queast_dsl.source import SourceFile, Span

TEXT = "version: 1\nroutes:\n  a: company.emial\n  b: x\n"
FILE = SourceFile("mappings/acme/a b.yaml", TEXT)


def finding(code: str, at: str, message: str = "no such field", file: SourceFile = FILE) -> Finding:
    diagnostics = Diagnostics()
    start = file.text.index(at)
    diagnostics.report(code, message, Span(file, start, start + len(at)), help="did you mean `email`?")
    return diagnostics.findings[0]


def test_github_shows_each_at_its_line_and_columns() -> None:
    assert github.render([finding("QM211", "emial")]) == (
        "::error file=mappings/acme/a b.yaml,line=3,endLine=3,col=14,endColumn=19,title=QM211"
        "::no such field%0Adid you mean `email`?\n"
    )


def test_github_gets_the_most_severe_first_and_the_rest_is_counted() -> None:
    warnings = [finding("QM842", "x", f"number {number}") for number in range(20)]
    lines = github.render([*warnings, finding("QM211", "emial")]).splitlines()
    assert len(lines) == github.ANNOTATIONS
    assert lines[0].startswith("::error ")
    assert lines[-1] == "::notice title=qmap lint::12 more findings; all of them: qmap lint"


@pytest.mark.parametrize("text", ["a\n::error::b", "a\r\n::stop-commands::x", "a%0A::b", "a,title=x::y:z"])
def test_nothing_in_a_message_or_a_name_is_a_command_of_its_own(text: str) -> None:
    told = github.render([finding("QM211", "emial", text, SourceFile(f"mappings/{text}.yaml", TEXT))])
    assert told.count("\n") == 1
    head, _, _ = told.removeprefix("::").partition("::")
    assert re.fullmatch(r"error file=[^,:\n]+,line=3,endLine=3,col=14,endColumn=19,title=QM211", head)


def test_gitlab_names_a_finding_alike_where_only_its_line_moved() -> None:
    moved = SourceFile(FILE.path, f"# new\n{TEXT}")
    first, second = (json.loads(gitlab.render([finding("QM211", "emial", file=each)]))[0] for each in (FILE, moved))
    assert (first["location"]["lines"]["begin"], second["location"]["lines"]["begin"]) == (3, 4)
    assert first["fingerprint"] == second["fingerprint"]
    assert first["fingerprint"] != json.loads(gitlab.render([finding("QM211", "x")]))[0]["fingerprint"]
    assert (first["check_name"], first["severity"]) == ("QM211", "critical")


def test_sarif_has_a_rule_for_each_code_and_a_place_for_each_result() -> None:
    found = [finding("QM211", "emial"), finding("QM842", "x"), finding("QM211", "version")]
    log: dict[str, Any] = json.loads(sarif.render(found))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert [each["id"] for each in run["tool"]["driver"]["rules"]] == ["QM211", "QM842"]
    assert [each["ruleIndex"] for each in run["results"]] == [0, 1, 0]
    assert [each["level"] for each in run["results"]] == ["error", "warning", "error"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "mappings/acme/a%20b.yaml"}
    assert place["region"] == {"startLine": 3, "startColumn": 14, "endLine": 3, "endColumn": 19}


def test_a_finding_without_a_place_is_told_in_each_format() -> None:
    diagnostics = Diagnostics()
    diagnostics.report("QM450", "policy not checked", None)
    found = diagnostics.findings
    assert github.render(found) == "::warning title=QM450::policy not checked\n"
    assert json.loads(gitlab.render(found))[0]["location"]["path"] == "mappings"
    assert "locations" not in json.loads(sarif.render(found))["runs"][0]["results"][0]
