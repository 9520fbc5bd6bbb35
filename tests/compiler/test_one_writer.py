"""Two routes of a tenant that write one property of one record: which pairs are a mistake and which make sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.tenant_folder import COMPANIES, compile_folder, write_tenant
from queast_dsl.diagnostics.model import Diagnostics, Finding, Severity


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
        ({"when": "starts_with(company.name, 'A')"}, {"when": "starts_with(company.name, 'B')"}),
        ({"when": "ends_with(company.name, 'AS')"}, {"when": "ends_with(company.name, 'AB')"}),
        # Tried out: none of the values fits the other question.
        ({"when": "company.name == 'Acme'"}, {"when": "matches(company.name, 'AS$')"}),
        ({"when": "company.city in ['Oslo', 'Bergen']"}, {"when": "lower(company.city) == 'stavanger'"}),
        ({"when": "length(company.city) > 5"}, {"when": "company.city == 'Oslo'"}),
        ({"when": "contains(company.city, 'a')"}, {"where": "company.city in ['Oslo', 'Bergen']"}),
        ({"mode": "off"}, {}),
    ],
)
def test_routes_that_never_meet_may_write_one_property(tmp_path: Path, a: dict[str, str], b: dict[str, str]) -> None:
    findings, compiled = _findings(tmp_path, a=_mapping("company.city", **a), b=_mapping("company.region", **b))
    assert findings == ()
    assert compiled == ["a", "b"]


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ({"when": "contains(company.name, 'a')"}, {"when": "contains(company.name, 'b')"}, "cannot be told"),
        ({"when": "matches(company.name, 'A.')"}, {"when": "matches(company.name, 'A.+')"}, "cannot be told"),
        ({"when": "lower(company.city) == 'oslo'"}, {"when": "company.city == 'Oslo'"}, "cannot be told"),
        ({"when": "length(company.city) == 4.0"}, {"when": "company.city == 'Oslo'"}, "cannot be told"),
        ({"when": "starts_with(company.name, 'A')"}, {"when": "starts_with(company.name, 'AS')"}, "cannot be told"),
        ({"when": "starts_with(company.name, 'A')"}, {"when": "ends_with(company.name, 'B')"}, "cannot be told"),
        ({"when": "company.name in ['Acme', 'Acme AS']"}, {"when": "matches(company.name, 'AS$')"}, "cannot be told"),
        ({"events": "created"}, {"events": "updated"}, "for events that follow one another"),
        ({"events": "bookmarked"}, {"events": "created, updated"}, "for events that follow one another"),
        (
            {"events": "created", "when": "company.country == 'NO'"},
            {"events": "updated", "when": "company.employee_count > 5"},
            "for events that follow one another",
        ),
    ],
)
def test_routes_that_may_meet_are_a_warning(tmp_path: Path, a: dict[str, str], b: dict[str, str], words: str) -> None:
    findings, compiled = _findings(tmp_path, a=_mapping("company.city", **a), b=_mapping("company.region", **b))
    (finding,) = findings
    assert (finding.code, finding.severity) == ("QM316", Severity.WARNING)
    assert finding.message.startswith("`city` of `companies` is given two values by two routes, ")
    assert words in finding.message
    assert finding.span is not None
    assert finding.span.file.path.endswith("b.yaml")
    assert finding.notes[0].span.file.path.endswith("a.yaml")
    assert compiled == ["a", "b"]


def test_events_of_their_own_with_conditions_that_exclude_each_other_are_let_be(tmp_path: Path) -> None:
    a = _mapping("company.city", events="created", when="company.country == 'NO'")
    findings, _ = _findings(
        tmp_path, a=a, b=_mapping("company.region", events="updated", when="company.country != 'NO'")
    )
    assert findings == ()


def test_a_value_that_neither_route_writes_over_stays_with_the_next_event(tmp_path: Path) -> None:
    def mapping(value: str, events: str) -> str:
        return _mapping(f"{{const: {value}, write: on_create}}", events=events)

    findings, _ = _findings(tmp_path, a=mapping("Oslo", "created"), b=mapping("Bergen", "updated"))
    assert findings == ()
    findings, _ = _findings(tmp_path, a=mapping("Oslo", "created"), b=_mapping("{const: Bergen}", events="updated"))
    assert [finding.code for finding in findings] == ["QM316"]


def test_a_comment_silences_the_warning_and_one_that_silences_nothing_is_seen(tmp_path: Path) -> None:
    comment = "  # qmap: ignore QM316 the state follows the event"
    second = _mapping("company.region", events="updated").rstrip("\n") + comment + "\n"
    findings, _ = _findings(tmp_path, a=_mapping("company.city", events="created"), b=second)
    assert findings == ()
    write_tenant(tmp_path, {"a": _mapping("company.region", events="created"), "b": second})
    diagnostics = Diagnostics()
    compile_folder(tmp_path, diagnostics, rules=True)
    assert "QM881" in [finding.code for finding in diagnostics.findings]


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
