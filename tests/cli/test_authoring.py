"""What a tenant's admin types: lint, compile, publish, show, explain, fields, functions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from example_run import COMMAND, environment, qmap
from kill_harness import ROOT

KEYS = ["code", "severity", "message", "file", "line", "column", "end_line", "end_column", "help", "fix"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with the example tenants; `state` lies beside the mappings."""
    shutil.copytree(ROOT / "mappings", tmp_path / "mappings", ignore=shutil.ignore_patterns("events", "sandbox.json"))
    return tmp_path


def misspell(folder: Path) -> Path:
    """Misspell one field of the webhook mapping."""
    path = folder / "mappings" / "fjordbank" / "warehouse.yaml"
    path.write_text(path.read_text().replace("name: company.name", "name: company.nmae"))
    return path


def env(folder: Path) -> dict[str, str]:
    return environment(folder / "state")


def test_a_clean_lint_says_so_on_stderr_and_nothing_on_stdout(folder: Path) -> None:
    done = qmap("lint", env=env(folder), cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "4 mappings read: no findings\n")
    assert qmap("-q", "lint", env=env(folder), cwd=folder).stderr == ""


def test_lint_leaves_no_state_behind(folder: Path) -> None:
    qmap("lint", env=env(folder), cwd=folder)
    assert not (folder / "state").exists()


def test_a_finding_is_data_with_place_caret_and_help_and_ends_with_1(folder: Path) -> None:
    misspell(folder)
    done = qmap("lint", "mappings/fjordbank", env=env(folder), cwd=folder)
    assert done.returncode == 1
    assert done.stdout.startswith("QM211 `company` has no field `nmae`\n  --> mappings/fjordbank/warehouse.yaml:")
    assert "company.nmae\n   |                       ^^^^\n" in done.stdout
    assert "did you mean `company.name`?" in done.stdout
    assert done.stderr == "2 mappings read: 1 error, 0 warnings; 1 fixable with --fix\n"


def test_lint_json_is_one_object_of_the_documented_shape(folder: Path) -> None:
    path = misspell(folder)
    line = 1 + path.read_text().splitlines().index("        name: company.nmae")
    done = qmap("lint", "--format", "json", env=env(folder), cwd=folder)
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert list(found) == ["schema_version", "findings"]
    assert found["schema_version"] == 1
    (finding,) = found["findings"]
    assert list(finding) == KEYS
    assert (finding["code"], finding["severity"]) == ("QM211", "error")
    assert finding["file"] == "mappings/fjordbank/warehouse.yaml"
    assert (finding["line"], finding["column"], finding["end_line"], finding["end_column"]) == (line, 23, line, 27)
    assert finding["help"].startswith("did you mean `company.name`?")


def test_clean_json_is_an_empty_list(folder: Path) -> None:
    done = qmap("lint", "--format", "json", env=env(folder), cwd=folder)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"schema_version": 1, "findings": []})


def test_a_warning_fails_only_where_that_is_asked(folder: Path) -> None:
    (folder / "mappings" / "policy.yaml").unlink()
    warned = qmap("lint", "mappings/acme", env=env(folder), cwd=folder)
    assert (warned.returncode, "QM450 warning" in warned.stdout) == (0, True)
    assert qmap("lint", "mappings/acme", "--fail-on", "warning", env=env(folder), cwd=folder).returncode == 1


def test_only_the_named_file_is_reported(folder: Path) -> None:
    misspell(folder)
    assert qmap("lint", "mappings/acme/acme-hubspot.yaml", env=env(folder), cwd=folder).returncode == 0


def test_another_folder_can_be_worked_in(folder: Path) -> None:
    done = qmap("-C", folder, "lint", env=env(folder), cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "4 mappings read: no findings\n")


def test_compile_prints_digests_and_is_the_same_to_the_byte_each_time(folder: Path) -> None:
    first, second = (qmap("compile", "-o", name, env=env(folder), cwd=folder) for name in ("one", "two"))
    assert first.returncode == second.returncode == 0
    assert first.stdout == second.stdout
    names = [line.split()[0] for line in first.stdout.splitlines()]
    assert names == [
        "acme/acme-hubspot",
        "fjordbank/warehouse",
        "fjordbank/warehouse-stars",
        "nordlys/nordlys-pipedrive",
    ]
    assert first.stderr == "plans are in one; next: qmap publish one\n"
    files = [{p.relative_to(folder / n): p.read_bytes() for p in (folder / n).rglob("*.json")} for n in ("one", "two")]
    assert files[0] == files[1]
    assert len(files[0]) == 10


def test_compile_writes_nothing_while_there_is_an_error(folder: Path) -> None:
    misspell(folder)
    done = qmap("compile", "-o", "plans", env=env(folder), cwd=folder)
    assert done.returncode == 1
    assert "QM211" in done.stdout
    assert not (folder / "plans").exists()


def test_publish_signs_and_counts_up(folder: Path) -> None:
    qmap("compile", "mappings/acme", "-o", "plans", env=env(folder), cwd=folder)
    for sequence in (1, 2):
        done = qmap("publish", "plans", "--format", "json", env=env(folder), cwd=folder)
        assert done.returncode == 0, done.stderr
        (row,) = json.loads(done.stdout)["releases"]
        assert (row["tenant"], row["sequence"], row["mappings"]) == ("acme", sequence, 1)
    assert (folder / "state").stat().st_mode & 0o777 == 0o700


def test_publish_refuses_plans_that_are_not_what_the_sources_give(folder: Path) -> None:
    qmap("compile", "mappings/acme", "-o", "plans", env=env(folder), cwd=folder)
    path = folder / "mappings" / "acme" / "acme-hubspot.yaml"
    path.write_text(path.read_text().replace("signal.score >= 40", "signal.score >= 41"))
    done = qmap("publish", "plans", env=env(folder), cwd=folder)
    assert done.returncode == 6
    assert "the plan of mapping acme/acme-hubspot is not what the sources compile to" in done.stderr
    assert not (folder / "state" / "releases").exists()


def test_publish_stops_at_findings_in_the_sources(folder: Path) -> None:
    qmap("compile", "mappings/fjordbank", "-o", "plans", env=env(folder), cwd=folder)
    misspell(folder)
    done = qmap("publish", "plans", env=env(folder), cwd=folder)
    assert (done.returncode, "QM211" in done.stdout) == (1, True)


def test_show_tells_each_value_with_its_line_and_its_plan_is_json(folder: Path) -> None:
    shown = qmap("show", "acme-hubspot", env=env(folder), cwd=folder)
    assert shown.returncode == 0, shown.stderr
    assert "company.founded_on" in shown.stdout
    assert "mappings/acme/acme-hubspot.yaml:" in shown.stdout
    assert "base/hubspot" in shown.stdout
    plan = qmap("show", "acme-hubspot", "--plan", env=env(folder), cwd=folder)
    assert json.loads(plan.stdout)["mapping"]["mapping"] == "acme-hubspot"


@pytest.mark.parametrize("subject", ["QM211", "lower", "company.domain"])
def test_explain_knows_codes_functions_and_fields(subject: str, folder: Path) -> None:
    text = qmap("explain", subject, env=env(folder), cwd=folder)
    assert (text.returncode, text.stderr) == (0, "")
    assert subject in text.stdout
    assert json.loads(qmap("explain", subject, "--format", "json", env=env(folder)).stdout)["schema_version"] == 1


def test_fields_and_functions_are_listed(folder: Path) -> None:
    assert "company.employee_count" in qmap("fields", "company", env=env(folder)).stdout
    personal = qmap("fields", "person", "--pii", env=env(folder)).stdout
    assert "person.email" in personal
    assert "person.company_id" not in personal
    everywhere = qmap("fields", "--pii", env=env(folder))
    assert everywhere.returncode == 0
    assert all(path in everywhere.stdout for path in ("person.email", "signal.title", "highlight.note"))
    assert "company.domain" not in everywhere.stdout
    listed = json.loads(qmap("fields", "--format", "json", env=env(folder)).stdout)["entities"]
    assert [each["entity"] for each in listed] == ["company", "person", "signal", "job_ad", "highlight"]
    assert "lower" in qmap("functions", env=env(folder)).stdout
    assert len(json.loads(qmap("functions", "--format", "json", env=env(folder)).stdout)["functions"]) >= 25


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    """`qmap functions | head -1`: the pipe is closed before the command has written."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*COMMAND, "functions"], env=env(folder), stdout=writing, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_full_disk_under_the_output_is_an_environment_error(folder: Path) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [*COMMAND, "functions"], env=env(folder), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 5
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("qmap: ")
