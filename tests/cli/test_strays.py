"""Files and folders that were meant to be read are said to be missed, by lint, compile and publish alike."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from example_run import environment, qmap
from kill_harness import ROOT

CONNECTIONS = (ROOT / "mappings" / "fjordbank" / "connections.yaml").read_text(encoding="utf-8")
MAPPING = (ROOT / "mappings" / "fjordbank" / "warehouse.yaml").read_text(encoding="utf-8")
POLICY = (ROOT / "mappings" / "policy.yaml").read_text(encoding="utf-8")

# A file beside a sound tenant, and the one finding that it gives.
STRAYS = {
    "Zeta/connections.yaml": ("QM005", "m/Zeta", "`Zeta` cannot name a tenant"),
    "ze ta/crm.yaml": ("QM005", "m/ze ta", "`ze ta` cannot name a tenant"),
    "zeta-/crm.yaml": ("QM005", "m/zeta-", "`zeta-` cannot name a tenant"),
    "zeta/crm.yaml": ("QM006", "m/zeta", "there is no connections.yaml in it"),
    "europe/zeta/connections.yaml": ("QM006", "m/europe", "there is no connections.yaml in it"),
    "crm.yaml": ("QM006", "m/crm.yaml", "belongs to no tenant"),
    "fjordbank/sub/x.yaml": ("QM006", "m/fjordbank/sub/x.yaml", "mappings stand in the tenant's folder itself"),
    "fjordbank/sub/deep/x.yml": ("QM006", "m/fjordbank/sub/deep/x.yml", "is not read"),
    "fjordbank/x.yaml/note.txt": ("QM004", "m/fjordbank/x.yaml", "is a directory"),
    "policy.yml": ("QM005", "m/policy.yml", "is not read as the policy"),
    "Policy.yaml": ("QM005", "m/Policy.yaml", "is not read as the policy"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path, "fjordbank/connections.yaml", CONNECTIONS)
    put(tmp_path, "fjordbank/warehouse.yaml", MAPPING)
    put(tmp_path, "policy.yaml", POLICY)
    return tmp_path


def put(folder: Path, name: str, text: str = "version: 1\n") -> None:
    path = folder / "m" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return qmap(*arguments, env=environment(folder / "state"), cwd=folder)


def errors(done: subprocess.CompletedProcess[str]) -> list[tuple[str, str, str]]:
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)["findings"]
    return [(each["code"], each["file"], each["message"]) for each in found if each["severity"] == "error"]


@pytest.mark.parametrize("name", STRAYS)
def test_what_is_not_read_is_one_finding_at_its_place(name: str, folder: Path) -> None:
    code, place, says = STRAYS[name]
    put(folder, name)
    (found,) = errors(call(folder, "lint", "m", "--format", "json"))
    assert found[:2] == (code, place)
    assert says in found[2]


def test_compile_and_publish_refuse_too(folder: Path) -> None:
    assert call(folder, "compile", "m", "-o", "plans").returncode == 0
    put(folder, "Zeta/connections.yaml", CONNECTIONS)
    assert [each[0] for each in errors(call(folder, "compile", "m", "-o", "more", "--format", "json"))] == ["QM005"]
    assert not (folder / "more").exists()
    published = call(folder, "publish", "plans", "--sources", "m", "--format", "json")
    assert [each[0] for each in errors(published)] == ["QM005"]
    assert not (folder / "state" / "releases").exists()


def test_a_folder_with_a_wrong_name_alone_or_named_itself_is_a_finding(folder: Path) -> None:
    put(folder, "Zeta/connections.yaml", CONNECTIONS)
    assert [each[:2] for each in errors(call(folder, "lint", "m/Zeta", "--format", "json"))] == [("QM005", "m/Zeta")]
    for each in (folder / "m" / "fjordbank").iterdir():
        each.unlink()
    assert [each[:2] for each in errors(call(folder, "lint", "m", "--format", "json"))] == [("QM005", "m/Zeta")]


def test_the_policy_under_another_name_is_asked_after(folder: Path) -> None:
    put(folder, "policy.yml")
    assert "= help: did you mean `policy.yaml`?" in call(folder, "lint", "m").stdout


def test_a_sound_file_is_not_told_of_a_stray_beside_it(folder: Path) -> None:
    put(folder, "fjordbank/sub/x.yaml")
    put(folder, "Zeta/x.yaml")
    assert call(folder, "lint", "m/fjordbank/warehouse.yaml").returncode == 0


def test_what_a_tenant_holds_besides_mappings_is_no_stray(folder: Path) -> None:
    put(folder, "fjordbank/tests/case.txt")
    for name in ("accounts/old.yaml", "tables/x.yaml", "events/x.yml", ".drafts/x.yaml", ".x.yaml"):
        put(folder, f"fjordbank/{name}")
    put(folder, "docs/notes.txt")
    put(folder, ".git/x.yaml")
    done = call(folder, "lint", "m")
    assert (done.returncode, done.stdout) == (0, "")


def test_a_policy_that_is_a_folder_is_one_finding(folder: Path) -> None:
    (folder / "m" / "policy.yaml").unlink()
    put(folder, "policy.yaml/a.yaml")
    assert [(code, place) for code, place, _ in errors(call(folder, "lint", "m", "--format", "json"))] == [
        ("QM004", "m/policy.yaml")
    ]


def test_a_connection_by_another_name_is_told_where_it_is_named(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "mappings" / "nordlys", tmp_path / "m" / "nordlys")
    (tmp_path / "m" / "nordlys" / "qmap.lock").unlink()
    put(tmp_path, "policy.yaml")
    path = tmp_path / "m" / "nordlys" / "connections.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("pipedrive-main:", "pipedrive-new:", 1), encoding="utf-8")
    found = errors(call(tmp_path, "lint", "m/nordlys/nordlys-pipedrive.yaml", "--format", "json"))
    assert [code for code, _, _ in found] == ["QM500"]
