"""Two routes of a tenant that write one property of one record: which pairs are a mistake and which make sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.tenant_folder import COMPANIES, compile_folder, write_tenant
from queast_dsl.diagnostics.model import Diagnostics, Finding


def _mapping(
    value: str, *, when: str = "", where: str = "", events: str = "created, updated", mode: str = "live"
) -> str:
    return (
        f"version: 1\nconnection: hubspot-main\nmode: {mode}\n"
        + (f"scope:\n  where: {where}\n" if where else "")
        + f"routes:\n  companies:\n    entity: company\n    events: [{events}]\n    to: companies\n    write: always\n"
        + (f"    when: {when}\n" if when else "")
        + f"    fields:\n      name: company.name\n      city: {value}\n"
    )


def _findings(root: Path, **mappings: str) -> tuple[tuple[Finding, ...], list[str]]:
    write_tenant(root, mappings)
    diagnostics = Diagnostics()
    compiled = compile_folder(root, diagnostics)
    return diagnostics.findings, [plan.mapping for plan in compiled.mappings]


def test_two_mappings_with_two_values_are_an_error_at_both_places(tmp_path: Path) -> None:
    findings, compiled = _findings(tmp_path, a=_mapping("company.city"), b=_mapping("company.region"))
    (finding,) = findings
    assert finding.code == "QM315"
    assert finding.message == "`city` of `companies` is written by two routes, each with its own value"
    assert finding.span is not None
    assert (finding.span.file.path.rpartition("/")[2], finding.span.line) == ("b.yaml", 12)
    (note,) = finding.notes
    assert (note.message, note.span.file.path.rpartition("/")[2], note.span.line) == (
        "also written by `companies` of `a`",
        "a.yaml",
        12,
    )
    assert compiled == []


def test_two_routes_of_one_mapping_are_an_error_too(tmp_path: Path) -> None:
    second = _mapping("company.region").partition("routes:\n")[2].replace("companies:", "regions:", 1)
    findings, _ = _findings(tmp_path, a=_mapping("company.city") + second)
    assert [(finding.code, finding.span and finding.span.line) for finding in findings] == [("QM315", 20)]


def test_many_properties_of_one_pair_are_one_finding(tmp_path: Path) -> None:
    other = _mapping("company.region").replace("name: company.name", "name: company.legal_name ?? company.name")
    findings, _ = _findings(tmp_path, a=_mapping("company.city"), b=other)
    assert [finding.message for finding in findings] == [
        "`city`, `name` of `companies` are written by two routes, each with its own value"
    ]


def test_a_third_mapping_is_not_drawn_in(tmp_path: Path) -> None:
    third = _mapping("company.city").replace("city:", "country:")
    _, compiled = _findings(tmp_path, a=_mapping("company.city"), b=_mapping("company.region"), c=third)
    assert compiled == ["c"]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"when": "company.country == 'NO'"}, {"when": "company.country == 'SE'"}),
        ({"when": "company.country == 'NO'"}, {"when": "company.country != 'NO'"}),
        ({"where": "company.country in ['NO', 'SE']"}, {"when": "company.country in ['DK', 'FI']"}),
        ({"where": "company.country in ['NO', 'SE']"}, {"where": "not (company.country in ['NO', 'SE'])"}),
        ({"when": "company.employee_count > 250"}, {"when": "company.employee_count < 251"}),
        ({"when": "company.employee_count >= 250"}, {"when": "250 > company.employee_count"}),
        ({"when": "company.revenue > 1.5"}, {"when": "company.revenue <= 1.5"}),
        ({"when": "company.bookmarked"}, {"when": "not company.bookmarked"}),
        ({"when": "is_present(company.domain)"}, {"when": "is_null(company.domain)"}),
        ({"when": "company.domain == 'a.no'"}, {"when": "is_null(company.domain)"}),
        ({"when": "starts_with(company.name, 'A')"}, {"when": "not starts_with(company.name, 'A')"}),
        ({"when": "lower(company.city) == 'oslo'"}, {"when": "lower(company.city) == 'bergen'"}),
        (
            {"when": "company.country == 'NO' or company.employee_count > 10"},
            {"when": "company.country == 'SE' and company.employee_count <= 10"},
        ),
        (
            {"when": "company.country == 'NO' or company.country == 'SE'"},
            {"when": "not (company.country == 'NO' or company.country == 'SE')"},
        ),
        # It cannot be told whether these meet.
        ({"when": "starts_with(company.name, 'A')"}, {"when": "starts_with(company.name, 'B')"}),
        ({"when": "company.name == 'Acme'"}, {"when": "matches(company.name, 'AS$')"}),
        ({"events": "created"}, {"events": "updated"}),
        ({"mode": "off"}, {}),
    ],
)
def test_routes_that_never_meet_may_write_one_property(tmp_path: Path, a: dict[str, str], b: dict[str, str]) -> None:
    findings, compiled = _findings(tmp_path, a=_mapping("company.city", **a), b=_mapping("company.region", **b))
    assert findings == ()
    assert compiled == ["a", "b"]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({}, {"when": "company.country == 'NO'"}),
        ({"when": "company.country == 'NO'"}, {"when": "company.country in ['NO', 'SE']"}),
        ({"when": "company.country == 'NO'"}, {"when": "company.employee_count > 10"}),
        ({"when": "company.employee_count > 10"}, {"when": "company.employee_count > 100"}),
        ({"when": "company.employee_count >= 10"}, {"when": "company.employee_count <= 10"}),
        ({"when": "company.country != 'NO'"}, {"where": "company.country != 'SE'"}),
        ({"when": "company.country == 'NO' or company.bookmarked"}, {"when": "company.country == 'SE'"}),
        ({"when": "starts_with(company.name, 'A')"}, {"when": "starts_with(company.name, 'A')"}),
        ({"events": "created"}, {}),
    ],
)
def test_routes_that_meet_may_not(tmp_path: Path, a: dict[str, str], b: dict[str, str]) -> None:
    findings, compiled = _findings(tmp_path, a=_mapping("company.city", **a), b=_mapping("company.region", **b))
    assert [finding.code for finding in findings] == ["QM315"]
    assert compiled == []


def test_the_same_value_twice_is_no_contest(tmp_path: Path) -> None:
    findings, _ = _findings(tmp_path, a=_mapping("company.city"), b=_mapping("company.city"))
    assert findings == ()
    findings, _ = _findings(tmp_path, a=COMPANIES, b=COMPANIES)
    assert findings == ()


def test_the_same_words_over_tables_with_other_rows_are_two_values(tmp_path: Path) -> None:
    findings, _ = _findings(
        tmp_path, a=COMPANIES, b=COMPANIES.replace("software: COMPUTER_SOFTWARE", "software: BANKING")
    )
    assert [finding.message for finding in findings] == [
        "`industry` of `companies` is written by two routes, each with its own value"
    ]


def test_notes_are_made_anew_each_time_and_have_no_other_writer(tmp_path: Path) -> None:
    findings, _ = _findings(
        tmp_path, a=COMPANIES, b=COMPANIES.replace("<b>{{ signal.title }}</b>", "{{ signal.title }}")
    )
    assert findings == ()
