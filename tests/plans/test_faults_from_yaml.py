"""What goes wrong while an event is mapped is told with the mapping's file and line, from both back ends alike."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from typing import Any

import pytest

from compiler.tenant_folder import compile_folder, write_tenant
from plans.test_two_back_ends import exactly
from queast_compiler.codegen import EvaluationFailed, load_mapping
from queast_compiler.codegen.interpret import Interpreter
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.diagnostics.model import Diagnostics

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
MAPPING = """\
version: 1
connection: hubspot-main
mode: live
scope:
  where: company.employee_count > 0
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    when: >
      company.revenue > 1000
      and company.country == 'NO'
    fields:
      name: company.name
      city: text(floor(company.revenue / (company.employee_count - 10)))
      zip: concat('about ', text(floor(company.revenue / (company.employee_count - 10))))
      numberofemployees: floor(company.revenue / (company.employee_count - 10))
      state: if(floor(company.revenue / (company.employee_count - 10)) > 5, 'large', 'small')
      address:
        template: "{{ company.name }}: {{ text(floor(company.revenue / (company.employee_count - 10))) ?? '' }}"
      website: company.website_url
"""
LINES = MAPPING.splitlines()
COMPANY: dict[str, Any] = {"id": "c", "sequence": 1, "name": "Acme", "revenue": 5000, "employee_count": 10}


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> MappingPlan:
    root = tmp_path_factory.mktemp("tenant")
    write_tenant(root, {"main": MAPPING})
    diagnostics = Diagnostics()
    compiled = compile_folder(root, diagnostics)
    assert diagnostics.findings == ()
    return compiled.mappings[0]


def line_of(words: str) -> int:
    return next(number for number, line in enumerate(LINES, 1) if words in line)


def test_each_field_that_shares_what_fails_tells_the_cause_and_its_own_line(plan: MappingPlan) -> None:
    (route,) = plan.routes
    event = {"company": COMPANY}
    generated = load_mapping(plan).routes[0].evaluate(event, NOW)
    assert exactly(generated) == exactly(Interpreter({}).route(route)(event, NOW))
    assert generated.values == {"name": "Acme"}
    assert {(each.property, each.reason, each.line) for each in generated.failures} == {
        (name, "division by zero", line_of(f"      {name}:"))
        for name in ("city", "zip", "numberofemployees", "state", "address")
    }
    assert {each.file for each in generated.failures} == {"acme/main.yaml"}


@pytest.mark.parametrize("employees", [11, None, "eleven"])
def test_both_back_ends_agree_where_the_shared_part_works_is_null_or_is_of_another_kind(
    plan: MappingPlan, employees: Any
) -> None:
    event = {"company": {**COMPANY, "employee_count": employees}}
    generated = load_mapping(plan).routes[0].evaluate(event, NOW)
    assert exactly(generated) == exactly(Interpreter({}).route(plan.routes[0])(event, NOW))
    reasons = {each.reason for each in generated.failures}
    assert reasons == ({"company.employee_count is text, expected an integer"} if employees == "eleven" else set())
    assert ("city" in generated.values) == (employees == 11)


@pytest.mark.parametrize(
    ("name", "event", "says", "words"),
    [
        ("where", {"employee_count": "many"}, "company.employee_count is text", "  where: "),
        ("when", {"revenue": "much"}, "company.revenue is text", "      company.revenue > 1000"),
        # An expression over several lines stands where it begins.
        ("when", {"country": 47}, "company.country is an integer", "      company.revenue > 1000"),
    ],
)
def test_a_traceback_out_of_generated_code_names_the_line_of_the_mapping(
    plan: MappingPlan, name: str, event: dict[str, Any], says: str, words: str
) -> None:
    loaded = load_mapping(plan)
    condition = loaded.where if name == "where" else loaded.routes[0].when
    with pytest.raises(EvaluationFailed, match=says) as failed:
        condition({"company": {**COMPANY, "country": "NO"} | event}, NOW)
    frames = {(frame.filename, frame.lineno) for frame in traceback.extract_tb(failed.value.__traceback__)}
    named = {line for file, line in frames if file == "acme/main.yaml"}
    assert failed.value.file == "acme/main.yaml"
    assert failed.value.line == line_of(words)
    assert line_of(words) in named
