"""`qmap fmt` writes files that are laid out otherwise and no others; `--check` names them."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest

from example_run import environment, qmap
from kill_harness import ROOT

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
