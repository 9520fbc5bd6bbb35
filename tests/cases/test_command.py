"""`qmap test` as a command: which tests it runs, how it ends, and what it writes for machines."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from cases.folder import MAPPINGS, TenantFolder
from queast_runtime.cli.cases.choosing import means

Tenant = Callable[[str], TenantFolder]
TWO = """\
  - name: it is created
    given: {event: company.created, company: {country: "NO"}}
    expect: {routes: {companies: create}}
  - name: "it is <not> sent & \\"kept\\" \\e[31m"
    given: {event: company.created, company: {country: FR}}
    expect: {routes: {companies: create}}
"""


def test_all_pass_is_0_a_failure_is_1_and_none_found_is_2(tenant: Tenant) -> None:
    acme = tenant("acme")
    assert acme.run().code == 2
    assert "no tests found" in acme.run().complaint
    acme.tests(TWO)
    assert acme.run().code == 1
    assert acme.run("-k", "created").code == 0
    nothing = acme.run("-k", "nothing like it")
    assert (nothing.code, nothing.out) == (2, "")
    assert (
        "no test is called anything like `nothing like it` | 2 tests here, such as: it is created;" in nothing.complaint
    )


def test_a_file_a_mapping_a_tenant_or_everything_can_be_named(tenant: Tenant) -> None:
    bank = tenant("fjordbank")
    bank.tests("  - {name: a, given: {event: company.created}, expect: {routes: {companies: send}}}\n")
    stars = "  - {name: b, given: {highlight: {company: {name: N}}}, expect: {bookmark: null}}\n"
    bank.tests(stars, "b.yaml", "warehouse-stars")
    for paths, passed in (
        ((), 2),
        (("mappings",), 2),
        (("mappings/fjordbank",), 2),
        (("mappings/fjordbank/tests/a.yaml",), 1),
        (("mappings/fjordbank/warehouse-stars.yaml",), 1),
        (("mappings/fjordbank/tests/a.yaml", "mappings/fjordbank/warehouse-stars.yaml"), 2),
    ):
        assert bank.run(*paths).out == f"{passed} passed\n", paths


def test_a_file_with_mistakes_runs_nothing_and_points_at_them(tenant: Tenant) -> None:
    acme = tenant("acme")
    acme.tests("  - {name: a, given: {event: company.creted}, expect: {exact: true}}\n")
    done = acme.run()
    assert done.code == 1
    assert "QM571 there is no event `company.creted`" in done.out
    assert "did you mean `company.created`?" in done.out


@pytest.mark.parametrize(
    ("expr", "chosen"),
    [
        ("exact domain", True),
        ("EXACT", True),
        ("acme-hubspot", True),
        ("domain and exact", True),
        ("domain and not exact", False),
        ("nothing or domain", True),
        ("not nothing", True),
        ("a name that is not known and or not", False),
    ],
)
def test_k_chooses_by_parts_of_a_name(expr: str, chosen: bool) -> None:
    assert means(expr, "acme-hubspot", "an exact domain wins") is chosen


def test_a_whole_name_chooses_its_test_whatever_words_it_has() -> None:
    assert means("not and or", "m", "it is not and or")


def test_json_is_one_object(tenant: Tenant) -> None:
    acme = tenant("acme")
    acme.tests(TWO)
    found = json.loads(acme.run("--format", "json", "--coverage").out)
    assert (found["schema_version"], found["passed"], found["failed"]) == (1, 1, 1)
    (difference,) = found["tests"][1]["differences"]
    assert difference["where"] == "routes"
    assert difference["actual"] == "(never asked: out_of_scope)"
    assert difference["why"] == {"what": "routes.companies", "file": "mappings/acme/acme-hubspot.yaml", "line": 12}
    shares = found["coverage"]["mappings"]["acme/acme-hubspot"]
    assert shares["rules"] == {
        "exercised": 0,
        "of": 5,
        "never": [f"company {rule}" for rule in ("link", "external_id", "domain", "linkedin", "name")],
    }


def test_junit_is_xml_with_hostile_names_in_it(tenant: Tenant) -> None:
    acme = tenant("acme")
    acme.tests(TWO)
    root = ET.fromstring(acme.run("--format", "junit").out)
    assert (root.tag, root.attrib["tests"], root.attrib["failures"], root.attrib["errors"]) == (
        "testsuites",
        "2",
        "1",
        "0",
    )
    (suite,) = root
    assert (suite.tag, suite.attrib["name"], suite.attrib["tests"]) == ("testsuite", "mappings/acme/tests/a.yaml", "2")
    first, second = suite
    assert (first.tag, first.attrib["classname"], first.attrib["name"]) == (
        "testcase",
        "acme.acme-hubspot",
        "it is created",
    )
    assert list(first) == []
    assert second.attrib["name"] == 'it is <not> sent & "kept" \N{REPLACEMENT CHARACTER}[31m'
    (failure,) = second
    assert failure.tag == "failure"
    assert failure.attrib["type"] == "difference"
    assert "expected create" in (failure.text or "")
    assert float(second.attrib["time"]) >= 0
    assert "\x1b" not in acme.run().out


def test_coverage_says_what_was_never_exercised_and_lcov_where(tenant: Tenant, tmp_path: Path) -> None:
    acme = tenant("acme")
    acme.tests(TWO)
    done = acme.run("--coverage", "--lcov", str(tmp_path / "out.info"), "-k", "created")
    assert done.code == 0
    assert "rules 0/5 (never exercised: company link," in done.out
    assert "fields 3/14 (never exercised: companies.domain, companies.website," in done.out
    assert "branches 2/13 (never exercised: scope.where false," in done.out
    assert (tmp_path / "out.info").read_text() == (
        "TN:\nSF:mappings/acme/acme-hubspot.yaml\nBRDA:9,0,0,1\nBRDA:9,0,1,0\nBRDA:18,0,0,-\nBRDA:18,0,1,-\n"
        "BRF:4\nBRH:1\nDA:9,1\nDA:14,0\nDA:15,1\nDA:18,0\nLF:4\nLH:2\nend_of_record\n"
        "TN:\nSF:mappings/acme/connections.yaml\nBRF:0\nBRH:0\nDA:13,0\nLF:1\nLH:0\nend_of_record\n"
    )


def test_fail_under_fails_a_run_that_passes(tenant: Tenant) -> None:
    acme = tenant("acme")
    acme.tests(TWO)
    assert acme.run("-k", "created", "--fail-under", "10").code == 0
    low = acme.run("-k", "created", "--fail-under", "99.5")
    assert low.code == 1
    assert "coverage is 15.6 %, less than the 99.5 % that --fail-under asks for" in low.complaint


def test_a_mapping_without_a_test_is_covered_by_nothing(tenant: Tenant) -> None:
    """Deleting a file of tests does not raise what is covered, nor keep it where it was."""
    bank = tenant("fjordbank")
    bank.tests(
        (MAPPINGS / "fjordbank" / "tests" / "warehouse-stars.yaml").read_text().partition("tests:\n")[2],
        "b.yaml",
        "warehouse-stars",
    )
    stars = bank.run("mappings/fjordbank/warehouse-stars.yaml", "--fail-under", "100")
    assert stars.code == 0, stars
    every = bank.run("--coverage", "--fail-under", "100")
    assert every.code == 1
    assert "warehouse" in every.out
    assert "never exercised: companies" in every.out


def test_a_match_that_fails_names_no_line_of_another_file(tenant: Tenant) -> None:
    """The rule is the connector's own where the connection says none: its line is none of connections.yaml."""
    acme = tenant("acme")
    connections = acme.folder / "connections.yaml"
    text = connections.read_text()
    connections.write_text(re.sub(r"\n +domain:\n.*\n.*", "", text))
    acme.tests(
        '  - name: a\n    given: {event: company.created, company: {country: "NO"}}\n'
        "    expect: {match: {outcome: link}}\n"
    )
    done = acme.run()
    assert done.code == 1
    assert "connections.yaml" in done.out
    assert not re.search(r"connections\.yaml:\d", done.out), done.out


def test_a_file_that_cannot_be_written_is_said(tenant: Tenant, tmp_path: Path) -> None:
    acme = tenant("acme")
    acme.tests(TWO)
    done = acme.run("--lcov", str(tmp_path / "no" / "such" / "folder.info"))
    assert done.code in (1, 5)


def test_the_example_tenants_pass_and_are_covered_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from queast_runtime.cli.app import app

    monkeypatch.chdir(MAPPINGS.parent)
    done = CliRunner().invoke(app, ["test", "--coverage", "--fail-under", "100"])
    assert done.exit_code == 0, done.output
    assert "never exercised" not in done.stdout
    assert done.stdout.count("\ncoverage ") == 4


@pytest.mark.parametrize("made", [None, "folder"])
def test_a_tenant_that_cannot_be_read_is_told_of_and_not_left_out(made: str | None, tenant: Tenant) -> None:
    acme = tenant("acme")
    acme.tests(TWO)
    assert acme.run("-k", "created").code == 0
    other = acme.folder.parent / "zeta"
    other.mkdir()
    (other / "crm.yaml").write_text("version: 1\n")
    if made == "folder":
        (other / "connections.yaml").mkdir()
    done = acme.run("-k", "created")
    assert done.code == 1
    assert "QM006 the folder `zeta` is no tenant" in done.out
    found = json.loads(acme.run("-k", "created", "--format", "json").out)["findings"]
    assert [(each["code"], each["file"]) for each in found] == [("QM006", "mappings/zeta")]
    suite = ET.fromstring(acme.run("-k", "created", "--format", "junit").out)
    assert [each.get("classname") for each in suite.iter("testcase")] == ["QM006"]


def test_the_folder_of_tests_means_its_files(tenant: Tenant) -> None:
    acme = tenant("acme")
    acme.tests(TWO)
    named = acme.run("mappings/acme/tests", "-k", "created")
    assert (named.code, named.out) == (0, acme.run("-k", "created").out)
    (acme.folder / "tests" / "deep").mkdir()
    (acme.folder / "tests" / "deep" / "b.yaml").write_text("mapping: acme-hubspot\n")
    done = acme.run("mappings/acme/tests")
    assert done.code == 1
    assert "QM006 `tests/deep/b.yaml` is not read" in done.out
    shutil.rmtree(acme.folder / "tests")
    (acme.folder / "tests").mkdir()
    assert "no tests in mappings/acme/tests" in acme.run("mappings/acme/tests").complaint


def test_the_top_of_the_repository_stands_for_its_mappings(tenant: Tenant) -> None:
    acme = tenant("acme")
    acme.tests(TWO)
    assert acme.run(".", "-k", "created").out == acme.run("mappings", "-k", "created").out
