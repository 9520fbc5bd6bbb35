"""Operations that fail for some values: told of where they stop a record, silent where what is around them guards."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from example_frame import findings_of, mapping_of
from golden.archive import Archive
from golden.running import compile_folder, lay_out
from queast_compiler.codegen import load_mapping

NOW = datetime(2026, 1, 31, tzinfo=UTC)
COMPANY = {"id": "c_1", "sequence": 1, "name": "Fjell AS"}


def codes(example: str) -> list[str]:
    return [finding.code for finding in findings_of(example) if finding.code != "QM832"]


# By what a required name is made of, and an event of the schema for which that fails.
FAILING: dict[str, tuple[str, dict[str, Any]]] = {
    "an empty text to replace": ("replace(company.name, company.city ?? '', '')", {}),
    "an empty separator": ("join(split(company.name, company.city ?? ' '))", {"city": ""}),
    "a division": ("text((company.revenue / company.employee_count) ?? 0)", {"revenue": 5, "employee_count": 0}),
    "a remainder": ("text(7 % (company.employee_count ?? 1))", {"employee_count": 0}),
    "a start before the text": ("substring(company.name, (company.employee_count ?? 0) - 10)", {"employee_count": 3}),
    "a negative length": ("truncate(company.name, (company.employee_count ?? 0) - 10)", {"employee_count": 3}),
    "a length by its name": ("substring(company.name, 0, length = (company.employee_count ?? 0) - 10)", {}),
    "no number": ("text(int(company.address.postal_code ?? '0'))", {"address": {"postal_code": "SW1A"}}),
    "no decimal number": ("text(num(company.city ?? '0'))", {"city": "Oslo"}),
    "no date": ("text(date(company.city ?? '2026-01-31'))", {"city": "Oslo"}),
    "no moment": ("text(datetime(company.city ?? '2026-01-31T00:00:00Z'))", {"city": "Oslo"}),
    "no padding": ("pad_left(company.name, 10, company.country ?? '-')", {"country": "NO"}),
    "no size of a bucket": ("text(bucket(7, company.employee_count ?? 1))", {"employee_count": 0}),
    "a piped text": ("text((company.city ?? '0') | trim | int)", {"city": "Oslo"}),
}


def evaluated(tmp_path: Path, name: str, company: dict[str, Any]) -> Any:
    root = tmp_path / "mappings"
    lay_out(Archive("", "hubspot", {"acme/main.yaml": mapping_of(f"name:\n        {name}\n".rstrip())}), root)
    (plan,) = (plan for plan in compile_folder(root).plans.values() if plan.mapping == "main")
    return load_mapping(plan).routes[0].evaluate({"company": COMPANY | company}, NOW)


@pytest.mark.parametrize(("name", "company"), FAILING.values(), ids=FAILING)
def test_what_fails_for_an_event_of_the_schema_is_told_where_it_stops_the_record(
    tmp_path: Path, name: str, company: dict[str, Any]
) -> None:
    assert codes(f"name: {name}") == ["QM833"]
    assert evaluated(tmp_path, name, company).refused


@pytest.mark.parametrize(("name", "company"), FAILING.values(), ids=FAILING)
def test_the_question_that_it_offers_guards_it(tmp_path: Path, name: str, company: dict[str, Any]) -> None:
    (finding,) = (each for each in findings_of(f"name: {name}") if each.code == "QM833")
    guard = re.search(r"`if\((.*), …, …\)`", finding.help or "")
    assert guard is not None
    guarded = f"if({guard[1]}, {name}, 'none')"
    assert codes(f"name: {guarded}") == []
    assert not evaluated(tmp_path, guarded, company).refused


@pytest.mark.parametrize(
    "value",
    [
        "replace(company.name, ' AS', '')",
        "join(split(company.name, ' '))",
        "substring(company.name, 3)",
        "truncate(company.name, 40)",
        "pad_left(company.name, 9, '0')",
        "text(round(2.5, 1))",
        "text(1000 / 7)",
        "text(int('7'))",
        "replace(company.name, concat(' ', company.city ?? ''), '')",
        "substring(company.name, length(company.city ?? ''))",
        "text(7 / max(company.employee_count ?? 1, 1))",
        "text(7 / clamp(company.employee_count ?? 1, 1, 9))",
        "text(if(company.employee_count > 0, 7 / company.employee_count, 0))",
        "text(if(company.employee_count == 0, 0, 7 / company.employee_count) ?? 0)",
        "text(if(company.employee_count <= 0, 0, 7 / company.employee_count) ?? 0)",
        "text(if(not (company.employee_count > 0), 0, 7 / company.employee_count))",
        "text(if(company.city and company.employee_count > 10, 7 / (company.employee_count - 10), 0))",
        "text(7 / (if(company.employee_count > 0, company.employee_count, 1)))",
        "if(company.employee_count >= 3, substring(company.name, company.employee_count - 3), company.name)",
        "if(not is_blank(company.city), replace(company.name, company.city, ''), company.name)",
        "if(length(company.city) > 0, replace(company.name, company.city, ''), company.name)",
        "text(if(matches(company.city, '^[0-9]+$'), int(company.city), 0))",
    ],
)
def test_what_fits_or_is_guarded_is_let_pass(value: str) -> None:
    found = [each for each in codes(f"name: {value}") if each == "QM833"]
    assert found == (["QM833"] if "- 10)" in value else [])


@pytest.mark.parametrize(
    "condition",
    [
        "company.employee_count > 0 and company.revenue / company.employee_count > 5",
        "company.employee_count == 0 or company.revenue / company.employee_count > 5",
        "company.employee_count > 0 and not (company.revenue / company.employee_count > 5)",
    ],
)
def test_a_condition_guards_what_comes_after_it(condition: str) -> None:
    assert codes(f"when: {condition}") == []


@pytest.mark.parametrize(
    "example",
    [
        "when: company.revenue / company.employee_count > 5",
        "when: company.revenue / company.employee_count > 5 and company.employee_count > 0",
        "when: company.employee_count > 0 or company.revenue / company.employee_count > 5",
        "scope: {where: company.revenue / company.employee_count > 5}",
        "to: event\nbody:\n  share: company.revenue / company.employee_count",
        "to: event\nbody:\n  text: {template: '{{ text(7 % (company.employee_count ?? 1)) }}'}",
        "to: event\nheaders:\n  X-Share: text(7 % (company.employee_count ?? 1))\nbody:\n  id: company.id",
        'name: {template: "{{ company.name }} {{ 7 % (company.employee_count ?? 1) }}"}',
    ],
)
def test_it_is_told_wherever_it_stops_all(example: str) -> None:
    assert codes(example) == ["QM833"]


@pytest.mark.parametrize(
    "example",
    [
        "city: text(7 % (company.employee_count ?? 1))",
        'city: {template: "{{ 7 % (company.employee_count ?? 1) }} of 7"}',
        "when: company.employee_count > 0\nfields:\n  name: text(7 / company.employee_count ?? 0)",
        'name: {template: "{% if company.employee_count > 0 %}{{ 7 / company.employee_count }}{% endif %}."}',
    ],
    ids=["an optional field", "a template of one", "behind the route's condition", "inside of the template's"],
)
def test_it_is_silent_where_one_field_is_left_out_or_the_place_guards(example: str) -> None:
    assert codes(example) == []


def test_a_match_key_that_may_fail_is_told() -> None:
    key = "company.website_url | split(company.city ?? '') | first"
    part = f"connections:\n  hubspot-main:\n    match:\n      company:\n        domain:\n          from: {key}\n"
    assert codes(f"-- acme/connections.yaml --\n{part}          to: [domain]") == ["QM833"]
