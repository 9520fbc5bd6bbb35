"""`qmap lint --changed REF` looks at what changed and what that can have findings in, and at nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from queast_runtime.cli.changed import narrowed
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.places import Selection, select


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for tenant in ("one", "two"):
        for name in ("connections.yaml", "a.yaml", "b.yaml", "tables/t.csv", "accounts/c.json"):
            file = tmp_path / "mappings" / tenant / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("version: 1\n")
    (tmp_path / "mappings/policy.yaml").write_text("version: 1\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "Begin")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "mappings"


def looked_at(folder: Path, *paths: str) -> dict[str, set[str] | None]:
    chosen = narrowed(select([folder / each for each in paths] or [folder]), "HEAD")
    return {each.tenant: None if each.files is None else set(each.files) for each in chosen}


def test_nothing_changed_is_nothing_to_look_at(folder: Path) -> None:
    assert looked_at(folder) == {}


def test_a_mapping_that_changed_or_is_new_is_looked_at_by_itself(folder: Path) -> None:
    (folder / "one/a.yaml").write_text("changed")
    (folder / "two/new.yaml").write_text("new")
    assert looked_at(folder) == {"one": {"one/a.yaml"}, "two": {"two/new.yaml"}}
    git(folder, "add", "-A")
    assert looked_at(folder) == {"one": {"one/a.yaml"}, "two": {"two/new.yaml"}}
    assert looked_at(folder, "two/a.yaml") == {}


@pytest.mark.parametrize("shared", ["connections.yaml", "tables/t.csv", "accounts/c.json"])
def test_what_a_tenants_mappings_share_concerns_them_all(shared: str, folder: Path) -> None:
    (folder / "one" / shared).write_text("changed")
    assert looked_at(folder) == {"one": None}


def test_the_policy_concerns_every_tenant(folder: Path) -> None:
    (folder / "policy.yaml").write_text("changed")
    assert looked_at(folder) == {"one": None, "two": None}


def test_a_mapping_that_is_gone_leaves_the_whole_tenant_to_look_at(folder: Path) -> None:
    (folder / "one/a.yaml").unlink()
    assert looked_at(folder) == {"one": None}


@pytest.mark.parametrize(("ref", "says"), [("nowhere", "git knows no commit nowhere"), ("-x", "a commit is needed")])
def test_a_commit_that_is_not_there_is_said(ref: str, says: str, folder: Path) -> None:
    with pytest.raises(CommandError, match=says) as told:
        narrowed([Selection(folder, "one", None)], ref)
    assert told.value.code is Exit.USAGE
