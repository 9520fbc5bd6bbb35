"""How far the thresholds of matching by name may move, and who says so: D3.3, D2.4 and D5.4."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from compiler.tenant_folder import COMPANIES, CONNECTIONS, TODAY, account_file
from queast_compiler.pipeline import compile_tenant
from queast_compiler.plan.connection import ConnectionPlan, NamePlan
from queast_dsl.diagnostics.model import Diagnostics, Note
from queast_dsl.loading import load_connector, load_tenant
from queast_runtime.capabilities import refusal

BOUND = "version: 1\nmatching: {auto_link: {min: 0.85}}\n"
GRANT = """\
  grants:
    - tenant: acme
      connection: hubspot-main
      auto_link: 0.75
      approver: ola@queast.example
      second_approver: kari@queast.example
      reason: their records are clean
      expires: "2026-12-01"
"""
GRANTED = "version: 1\nmatching:\n  auto_link: {min: 0.85}\n" + GRANT


def connection(name: str) -> str:
    match = f"    match: {{company: {{order: [link, external_id, domain, name], name: {name}}}}}\n"
    return CONNECTIONS.replace(
        "    auth: {token: secret://hubspot-main}\n", "    auth: {token: secret://hubspot-main}\n" + match
    )


def compile_with(name: str, policy: str | None, today: date = TODAY) -> tuple[ConnectionPlan | None, Diagnostics]:
    """Compile tenant `acme` whose HubSpot connection scores names by these thresholds."""
    diagnostics = Diagnostics()
    sources = {
        "acme/connections.yaml": connection(name).encode(),
        "acme/accounts/hubspot-main.json": json.dumps(account_file()).encode(),
        "acme/main.yaml": COMPANIES.encode(),
    }
    if policy is not None:
        sources["policy.yaml"] = policy.encode()
    documents = load_tenant(Path("mappings"), "acme", diagnostics, sources=sources)
    compiled = compile_tenant(
        documents, diagnostics, today=today, connectors=lambda name: load_connector(name, diagnostics)
    )
    plans = [plan for plan in compiled.connections if plan.connection == "hubspot-main"]
    return (plans[0] if plans else None), diagnostics


def thresholds(name: str, policy: str | None = "version: 1\n", today: date = TODAY) -> NamePlan:
    plan, diagnostics = compile_with(name, policy, today)
    assert plan is not None, [each.message for each in diagnostics]
    (match,) = plan.match
    assert match.name is not None
    return match.name


def codes(name: str, policy: str | None, today: date = TODAY) -> list[str]:
    plan, diagnostics = compile_with(name, policy, today)
    assert (plan is None) is diagnostics.has_errors
    return [each.code for each in diagnostics if each.code != "QM450"]


def test_the_default_is_the_calibrated_one_with_corroboration() -> None:
    """D3.3 what is left out is the calibrated rule: 0.95, a margin of 0.05, and country or domain agreeing."""
    assert thresholds("{review: 0.8}") == NamePlan(
        0.8, 0.95, 0.05, ("country", "domain"), ("country", "city", "domain", "legal_form")
    )


@pytest.mark.parametrize("policy", [None, "version: 1\n", BOUND])
@pytest.mark.parametrize("value", ["0.95", "0.96", "1", "1.0"])
def test_raising_is_free(value: str, policy: str | None) -> None:
    """D3.3 a tenant raises a threshold without anybody's leave, and nothing is said of it."""
    assert codes(f"{{auto_link: {value}}}", policy) == []
    assert thresholds(f"{{auto_link: {value}}}", policy).auto_link == float(value)


def test_lowering_within_the_bound_is_allowed_and_said() -> None:
    """D3.3 between the policy's bound and the default a threshold is taken, with a warning that names the default."""
    plan, diagnostics = compile_with("{auto_link: 0.85}", BOUND)
    (finding,) = diagnostics
    assert (finding.code, finding.severity) == ("QM467", "warning")
    assert "0.95, the calibrated default" in finding.message
    assert plan is not None
    assert plan.match[0].name is not None
    assert (plan.match[0].name.auto_link, plan.match[0].name.granted_until) == (0.85, None)


def test_a_default_below_the_bound_is_raised_to_it() -> None:
    """D3.3 a policy that is stricter than the default holds for those who write nothing too."""
    strict = "version: 1\nmatching: {auto_link: {min: 0.98}, margin: {min: 0.1}, review: {min: 0.9}}\n"
    found = thresholds("{}", strict)
    assert (found.auto_link, found.margin, found.review) == (0.98, 0.1, 0.9)
    assert codes("{auto_link: 0.95}", strict) == ["QM466"]


@pytest.mark.parametrize("key", ["auto_link: 0.94", "margin: 0.04", "review: 0.79"])
@pytest.mark.parametrize("policy", [None, "version: 1\n"])
def test_without_a_bound_nothing_is_lower_than_the_default(key: str, policy: str | None) -> None:
    """D2.4 what the policy does not open stays shut: without a file or a bound no threshold is lowered."""
    assert codes(f"{{{key}}}", policy) == ["QM466"]


def test_the_error_shows_the_threshold_and_the_bound() -> None:
    """D2.4 an error at the tenant's line names the bound and where the policy says it."""
    _, diagnostics = compile_with("{auto_link: 0.8}", BOUND)
    (finding,) = diagnostics
    assert finding.code == "QM466"
    assert finding.span is not None
    assert finding.span.file.text[finding.span.start : finding.span.end] == "0.8"
    (note,) = finding.notes
    assert isinstance(note, Note)
    assert (note.span.file.path, note.span.line) == ("mappings/policy.yaml", 2)


def test_a_grant_lowers_further_and_until_its_end() -> None:
    """D5.4 below the bound a grant is needed: it counts for its tenant, down to its score, until its end."""
    found = thresholds("{auto_link: 0.75}", GRANTED)
    assert (found.auto_link, found.granted_until) == (0.75, "2026-12-01")
    assert codes("{auto_link: 0.75}", GRANTED) == ["QM467"]
    assert codes("{auto_link: 0.74}", GRANTED) == ["QM466"]
    assert codes("{auto_link: 0.75}", GRANTED.replace("tenant: acme", "tenant: fjord")) == ["QM466"]
    assert codes("{auto_link: 0.75}", GRANTED.replace("connection: hubspot-main", "connection: warehouse")) == ["QM466"]
    assert sorted(codes("{auto_link: 0.75}", GRANTED, date(2026, 11, 15))) == ["QM464", "QM467"]
    assert codes("{auto_link: 0.75}", GRANTED, date(2026, 12, 1)) == ["QM452"]


def test_lowering_by_grant_takes_two_people() -> None:
    """D5.4 one person in both places approves nothing: the policy is refused at the second name."""
    once = GRANTED.replace("kari@queast.example", " Ola@Queast.example")
    _, diagnostics = compile_with("{auto_link: 0.75}", once)
    (finding,) = [each for each in diagnostics if each.code != "QM450"]
    assert (finding.code, finding.span.line if finding.span else 0) == ("QM460", 9)
    missing = "".join(line for line in GRANTED.splitlines(True) if "second_approver" not in line)
    _, diagnostics = compile_with("{auto_link: 0.75}", missing)
    assert [each.code for each in diagnostics] == ["QM101"]


def test_scored_names_run_on_no_engine_that_cannot_score() -> None:
    """D3.3 thresholds stand in the plan as a need, so that no engine links by them without being able to score."""
    plan, _ = compile_with("{review: 0.8}", BOUND)
    assert plan is not None
    beyond = refusal([plan], frozenset())
    assert beyond is not None
    assert "connection acme/hubspot-main scores names of a company (acme/connections.yaml:8)" in beyond.reason
    assert refusal([plan], {"match.name"}) is None
    assert refusal([plan]) is None
    assert refusal([replace(plan, needs=())]) is None
