"""`qmap init`: what it lays out has no findings, passes its tests, and is nobody's file that was there before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from queast_compiler.editor import document_names
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import report_strays
from queast_runtime.cli import fmt
from queast_runtime.cli.cases import run as cases
from queast_runtime.cli.compiling import compile_selection
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.init.command import Asked, run
from queast_runtime.cli.init.kinds import BEGINNINGS
from queast_runtime.cli.output import Format
from queast_runtime.cli.places import Selection


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def everything(folder: Path) -> Mapping[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


@pytest.mark.parametrize("kind", BEGINNINGS)
def test_every_beginning_compiles_without_a_finding_and_is_laid_out_as_fmt_does(
    kind: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(Asked(Path("Globex Corp"), kind))
    root = Path("Globex Corp/mappings")
    found = compile_selection(Selection(root, "globex-corp", None), rules=True)
    strays = Diagnostics()
    report_strays(root, strays)
    assert (found.all_findings, strays.findings) == ((), ())
    assert len(found.compiled.mappings) == len(found.compiled.connections) == found.mappings_read == 1
    fmt.run([root], check=True)
    assert "PLACEHOLDER" in (root / "globex-corp/connections.yaml").read_text()
    capsys.readouterr()


@pytest.mark.parametrize("kind", BEGINNINGS)
def test_the_tests_of_every_beginning_pass(kind: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(Asked(Path(), kind, "globex"))
    capsys.readouterr()
    cases.run([], cases.Asked(format=cases.Shown.JSON))
    told = json.loads(capsys.readouterr().out)
    assert told["failed"] == 0
    assert told["passed"] >= 2


def test_first_lines_point_editors_to_schemas_that_are_there(here: Path) -> None:
    run(Asked(Path(), "hubspot", "globex"))
    pointed = 0
    for file in here.glob("mappings/**/*.yaml"):
        first = file.read_text().splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema="), file
        target = file.parent / first.partition("=")[2]
        if target.name.removesuffix(".schema.json") in {*document_names(), "hubspot-main"}:
            assert json.loads(target.read_text())["type"] == "object"
            pointed += 1
    assert pointed >= 3


def test_nothing_that_is_there_is_changed_and_each_such_file_is_named(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("README.md", ".gitignore", "mappings/policy.yaml"):
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text("mine\n")
    run(Asked(Path(), "webhook", "globex"))
    told = capsys.readouterr()
    for name in ("README.md", ".gitignore", "mappings/policy.yaml"):
        assert (here / name).read_text() == "mine\n"
        assert f"{name} is there already, and left alone" in told.err
        assert name not in told.out.splitlines()
    before = everything(here)
    run(Asked(Path()))
    assert everything(here) == before


def test_a_tenant_that_is_there_only_gets_what_stands_around_it(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "mappings/globex").mkdir(parents=True)
    (here / "mappings/globex/connections.yaml").write_text("version: 1\nconnections: {}\n")
    run(Asked(Path(), ci="gitlab"))
    made = set(everything(here)) - {"mappings/globex/connections.yaml"}
    assert made == {"mappings/policy.yaml", ".gitignore", ".pre-commit-config.yaml", "CODEOWNERS", ".gitlab-ci.yml"}
    assert "tenant globex is there already" in capsys.readouterr().err
    with pytest.raises(CommandError, match="has its connections\\.yaml already"):
        run(Asked(Path(), "hubspot"))


@pytest.mark.parametrize(("ci", "file"), [("github", ".github/workflows/qmap.yml"), ("gitlab", ".gitlab-ci.yml")])
def test_continuous_integration_is_for_who_asks_for_it(ci: str, file: str, here: Path) -> None:
    run(Asked(Path("with"), "webhook", "globex", "github" if ci == "github" else "gitlab"))
    run(Asked(Path("without"), "webhook", "globex"))
    assert yaml.safe_load((here / "with" / file).read_text())
    assert set(everything(here / "with")) - set(everything(here / "without")) == {file}


def test_the_workflow_asks_for_no_more_than_it_needs(here: Path) -> None:
    run(Asked(Path(), "webhook", "globex", "github"))
    workflow = yaml.safe_load((here / ".github/workflows/qmap.yml").read_text())
    assert workflow["permissions"] == {"contents": "read", "pull-requests": "write"}
    # With `pull_request_target` a change could run with the rights of the repository.
    assert set(workflow[True]) == {"pull_request"}


def test_owners_of_the_policy_are_not_the_tenant(here: Path) -> None:
    run(Asked(Path(), "webhook", "globex"))
    rows = [line.split() for line in (here / "CODEOWNERS").read_text().splitlines() if not line.startswith("#")]
    owners = dict(rows)
    assert owners["/mappings/policy.yaml"] == "@queast-admins" != owners["/mappings/globex/"] == "@globex-admins"
    # The last line that fits decides.
    assert (
        list(owners).index("/mappings/policy.yaml") > list(owners).index("/mappings/globex/") > list(owners).index("*")
    )


def test_json_says_the_same_to_programs(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(Asked(Path(), "webhook", "globex", None, Format.JSON))
    told = json.loads(capsys.readouterr().out)
    assert (told["schema_version"], told["tenant"], told["kept"]) == (1, "globex", [])
    assert set(told["written"]) == set(everything(here))
    assert told["next"][0] == "qmap lint"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Asked(Path(), "hubspot", "Globex"), "Globex cannot name a tenant"),
        (Asked(Path(), "hubspott"), "hubspott is neither a beginning nor a connection"),
        (Asked(Path("日本"), "hubspot"), "no tenant can be called like the folder"),
        (Asked(Path("file"), "hubspot"), "file is a file"),
    ],
)
def test_wrong_use_writes_nothing(asked: Asked, says: str, here: Path) -> None:
    (here / "file").write_bytes(b"")
    with pytest.raises(CommandError, match=says) as told:
        run(asked)
    assert told.value.code is Exit.USAGE
    assert set(everything(here)) == {"file"}


def test_several_tenants_are_asked_about(here: Path) -> None:
    for name in ("one", "two"):
        (here / "mappings" / name).mkdir(parents=True)
        (here / "mappings" / name / "connections.yaml").write_text("version: 1\nconnections: {}\n")
    with pytest.raises(CommandError, match="several tenants: one, two"):
        run(Asked(Path()))
