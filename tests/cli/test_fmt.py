"""`qmap fmt` writes files that are laid out otherwise and no others; `--check` names them."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path

import pytest

from example_run import environment, qmap
from kill_harness import ROOT
from queast_runtime.cli.exits import CommandError
from queast_runtime.cli.writing import read_text, write_text

ACME = Path("mappings/acme/acme-hubspot.yaml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example tenants with one mapping that is laid out otherwise."""
    shutil.copytree(ROOT / "mappings", tmp_path / "mappings")
    file = tmp_path / ACME
    file.write_text(f"# on top\n\n{untidy(file.read_text(encoding='utf-8'))}", encoding="utf-8")
    file.chmod(0o640)
    return tmp_path


def untidy(text: str) -> str:
    return text.replace("mode: live\n", "mode:   live  \n\n\n").replace("company.country in", "company.country  in")


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_examples_are_laid_out_so_already() -> None:
    done = qmap("fmt", "--check", str(ROOT / "mappings"), env=environment(ROOT), cwd=ROOT)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "8 files read: 0 would change\n"


def test_check_names_what_would_change_and_writes_nothing(folder: Path) -> None:
    before = everything(folder)
    done = qmap("fmt", "--check", env=environment(folder), cwd=folder)
    assert (done.returncode, done.stdout) == (1, f"{ACME}\n")
    assert everything(folder) == before


def test_fmt_writes_that_file_keeps_its_mode_and_a_second_run_changes_nothing(folder: Path) -> None:
    done = qmap("fmt", env=environment(folder), cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "8 files read: 1 laid out\n")
    text = (ROOT / ACME).read_text(encoding="utf-8").replace("mode: live\n", "mode: live\n\n")
    assert (folder / ACME).read_text(encoding="utf-8") == f"# on top\n\n{text}"
    assert stat.S_IMODE((folder / ACME).stat().st_mode) == 0o640
    again = qmap("fmt", "--check", env=environment(folder), cwd=folder)
    assert (again.returncode, again.stdout) == (0, "")


def test_a_file_that_is_no_yaml_is_left_alone_and_the_others_are_written(folder: Path) -> None:
    broken = folder / "mappings" / "fjordbank" / "warehouse.yaml"
    broken.write_text("version: [\n", encoding="utf-8")
    done = qmap("fmt", env=environment(folder), cwd=folder)
    assert done.returncode == 1
    assert done.stdout.startswith("QM010 ")
    assert done.stderr == "8 files read: 1 laid out, 1 left alone\n"
    assert broken.read_text(encoding="utf-8") == "version: [\n"


def test_single_files_and_the_policy_may_be_named(folder: Path) -> None:
    policy = folder / "mappings" / "policy.yaml"
    policy.write_text(policy.read_text(encoding="utf-8") + "\n\n\n", encoding="utf-8")
    done = qmap("fmt", "mappings/policy.yaml", env=environment(folder), cwd=folder)
    assert (done.returncode, done.stderr) == (0, "1 file read: 1 laid out\n")
    assert qmap("fmt", "--check", str(ACME), env=environment(folder), cwd=folder).stdout == f"{ACME}\n"
    account = "mappings/acme/accounts/hubspot-main.json"
    assert qmap("fmt", account, env=environment(folder), cwd=folder).returncode == 2
    assert qmap("fmt", "mappings/nowhere", env=environment(folder), cwd=folder).returncode == 2


def test_a_link_is_left_alone(folder: Path) -> None:
    elsewhere = folder / "elsewhere.yaml"
    (folder / ACME).rename(elsewhere)
    (folder / ACME).symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    done = qmap("fmt", env=environment(folder), cwd=folder)
    assert done.returncode == 1
    assert "is left alone: it is no regular file" in done.stderr
    assert (folder / ACME).is_symlink()
    assert elsewhere.read_bytes() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("command", [["fmt"], ["lint", "--fix"]])
def test_without_permission_the_file_that_was_to_be_written_is_named(command: list[str], folder: Path) -> None:
    (folder / ACME).parent.chmod(0o500)
    try:
        done = qmap(*command, env=environment(folder), cwd=folder)
    finally:
        (folder / ACME).parent.chmod(0o700)
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr == f"qmap: cannot write {ACME}: Permission denied\n"


def test_a_new_file_that_cannot_be_made_is_told_of_by_the_real_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied", f".{ACME.name}.ah4ecfm7")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    file = read_text(folder / ACME)
    assert file is not None
    with pytest.raises(CommandError) as refused:
        write_text(file, "version: 1\n")
    assert (refused.value.code, str(refused.value)) == (5, f"cannot write {folder / ACME}: Permission denied")
