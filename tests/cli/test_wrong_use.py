"""What is typed and cannot be meant ends with exit 2 and says what was meant, before anything is written."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from example_run import ExampleRun, environment, qmap
from kill_harness import ROOT

CONNECTIONS = (ROOT / "mappings" / "fjordbank" / "connections.yaml").read_text(encoding="utf-8")
MAPPING = (ROOT / "mappings" / "fjordbank" / "warehouse.yaml").read_text(encoding="utf-8")
POLICY = (ROOT / "mappings" / "policy.yaml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tenant = tmp_path / "m" / "fjordbank"
    tenant.mkdir(parents=True)
    (tenant / "connections.yaml").write_text(CONNECTIONS, encoding="utf-8")
    (tenant / "warehouse.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "m" / "policy.yaml").write_text(POLICY, encoding="utf-8")
    return tmp_path


def call(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return qmap(*arguments, env=environment(folder / "state", variables), cwd=folder)


@pytest.mark.parametrize("out", ["m", "m/fjordbank", "m/fjordbank/plans", ".", "m/../m/fjordbank", ""])
def test_plans_are_not_written_among_their_sources(out: str, folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    done = call(folder, "compile", "m", "-o", out)
    assert done.returncode == 2
    assert ("plans are not written to" if out else "it is empty") in done.stderr
    assert sorted(folder.rglob("*")) == before


def test_a_folder_apart_from_the_sources_is_written(folder: Path) -> None:
    assert call(folder, "compile", "m", "-o", "out/plans").returncode == 0
    assert (folder / "out" / "plans" / "fjordbank" / "index.json").is_file()


def test_the_policy_is_linted_where_it_is_named(folder: Path) -> None:
    (folder / "m" / "fjordbank" / "warehouse.yaml").write_text(MAPPING.replace("company.name", "company.nmae"))
    done = call(folder, "lint", "m/policy.yaml")
    assert (done.returncode, done.stdout) == (0, "")
    (folder / "m" / "policy.yaml").write_text(POLICY + "mode: live\n", encoding="utf-8")
    done = call(folder, "lint", "m/policy.yaml")
    assert done.returncode == 1
    assert " --> m/policy.yaml:" in done.stdout
    assert "nmae" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says", "help"),
    [
        (["status", "-t", "fjordbnak"], "no release of a tenant fjordbnak", "did you mean `fjordbank`?"),
        (["status", "-t", "nope"], "no release of a tenant nope", "qmap status"),
        (["status", "-t", ""], "no release of a tenant", "qmap status"),
        (["deliveries", "list", "-t", "nope"], "no release of a tenant nope", "qmap status"),
        (["deliveries", "show", "1", "-t", "nordlis"], "no release of a tenant nordlis", "did you mean `nordlys`?"),
        (
            ["deliveries", "list", "-t", "fjordbank", "--connection", "warehuose"],
            "tenant fjordbank has no connection warehuose",
            "did you mean `warehouse`?",
        ),
        (["run", "-t", "../zeta", "-"], "../zeta cannot be a tenant's name", "name of its folder"),
    ],
)
def test_a_tenant_or_connection_that_is_not_there_is_wrong_use(
    arguments: list[str], says: str, help: str, first_run: ExampleRun
) -> None:
    done = qmap(*arguments, env=first_run.env())
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert help in done.stderr


def test_a_mapping_named_by_its_file_is_said_to_be_named_without_yaml(folder: Path) -> None:
    done = call(folder, "show", "fjordbank/warehouse.yaml", "--root", "m")
    assert done.returncode == 2
    assert "help: say it without .yaml: fjordbank/warehouse" in done.stderr


def test_a_wrong_format_is_told_of_where_it_stands(folder: Path) -> None:
    option = call(folder, "lint", "m", "--format", "xml", QMAP_FORMAT="json")
    assert (option.returncode, option.stdout) == (2, "")
    assert "--format" in option.stderr
    assert "QMAP_FORMAT" not in option.stderr
    variable = call(folder, "lint", "m", QMAP_FORMAT="xml")
    assert variable.returncode == 2
    assert "QMAP_FORMAT" in variable.stderr
    assert "--format" not in variable.stderr


def test_the_summary_of_lint_counts_what_is_no_warning_too(folder: Path) -> None:
    mapping = folder / "m" / "fjordbank" / "warehouse.yaml"
    without = "".join(line for line in MAPPING.splitlines(keepends=True) if not line.startswith("description:"))
    mapping.write_text(without, encoding="utf-8")
    done = call(folder, "lint", "m")
    assert (done.returncode, done.stdout.count(" info: ")) == (0, 1)
    assert "1 mapping read: 0 errors, 0 warnings, 1 note" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["status"],
        ["run", os.devnull],
        ["mirror", "sync"],
        ["mirror", "status"],
        ["deliveries", "list"],
        ["review", "list"],
        ["links", "list"],
        ["serve"],
    ],
)
def test_a_tenant_without_a_release_is_told_of_in_one_way(command: list[str], first_run: ExampleRun) -> None:
    done = qmap(*command, "--tenant", "globex", env=first_run.env())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "qmap: no release of a tenant globex has been published here",
        "  help: publish first: qmap compile, then qmap publish; see which there are: qmap status",
    ]


@pytest.mark.parametrize(
    ("command", "code"),
    [(["status"], 0), (["approve"], 0), (["policy", "show"], 0), (["history", "acme-hubspot"], 2)],
)
def test_a_command_that_reads_makes_no_state_folder(command: list[str], code: int, tmp_path: Path) -> None:
    done = qmap(*command, env=environment(tmp_path / "mistyped"), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    expected = f"there is no state folder {tmp_path / 'mistyped'}: check QMAP_STATE, or publish first"
    assert done.stderr.splitlines()[0] == expected
    assert not (tmp_path / "mistyped").exists()


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("foo", "QMAP_FAULT names no fault point: 'foo', known: before-admit-commit, "),
        ("before-send:x", "QMAP_FAULT: 'x' is no number of a visit, as in before-send:3"),
        ("before-send:0", "QMAP_FAULT: '0' is no number of a visit, as in before-send:3"),
        ("before-send:", "QMAP_FAULT: '' is no number of a visit, as in before-send:3"),
    ],
)
def test_a_fault_point_that_is_none_is_a_wrong_setting(
    setting: str, says: str, first_run: ExampleRun, tmp_path: Path
) -> None:
    env = {**first_run.env(first_run.fresh_ledger(tmp_path / "state")), "QMAP_FAULT": setting}
    done = qmap("run", "--tenant", "fjordbank", os.devnull, env=env)
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith(f"qmap: {says}")


def test_the_text_of_the_policy_is_no_json(folder: Path) -> None:
    done = call(folder, "policy", "show", "--text", "--format", "json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--text prints the file as it is" in done.stderr


def test_a_mapping_may_be_named_by_its_file(folder: Path) -> None:
    by_name = call(folder, "show", "warehouse", "--root", "m")
    assert by_name.returncode == 0
    for name in (
        "m/fjordbank/warehouse.yaml",
        "m/fjordbank/warehouse",
        str(folder / "m" / "fjordbank" / "warehouse.yaml"),
    ):
        done = call(folder, "show", name)
        assert (done.returncode, len(done.stdout.splitlines())) == (0, len(by_name.stdout.splitlines())), done.stderr
        assert call(folder, "schema", name).returncode == 0
    assert call(folder / "m" / "fjordbank", "show", "warehouse.yaml").returncode == 0
    done = call(folder, "show", "m/fjordbank/nowhere.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "qmap: no such file: m/fjordbank/nowhere.yaml",
        "  help: say a mapping's name, TENANT/MAPPING, or the path of its file",
    ]
    done = call(folder, "schema", "warehouse", "--root", "/nope")
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "qmap: no such folder: /nope")
