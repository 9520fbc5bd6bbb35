"""`qmap lint --fix` writes what holds and nothing else; `--diff` shows it; `--select` and `--ignore` choose."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from example_run import environment, qmap
from queast_runtime.cli.exits import CommandError
from queast_runtime.cli.writing import read_text, write_text

MAPPINGS = Path(__file__).parents[2] / "mappings"
ACME = Path("mappings/acme/acme-hubspot.yaml")
SLIP = "      queast_founded_on: company.founded_onn  # since when\n"
RIGHT = SLIP.replace("onn", "on")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example tenants with one slip and one unused table in a mapping."""
    shutil.copytree(MAPPINGS, tmp_path / "mappings")
    file = tmp_path / ACME
    text = file.read_text(encoding="utf-8").replace("      queast_founded_on: company.founded_on\n", SLIP)
    assert SLIP in text
    file.write_text(f"{text}\ntables:\n  unused: {{a: b}}\n", encoding="utf-8")
    return tmp_path


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_lint_says_how_many_findings_would_be_fixed_and_writes_nothing(folder: Path) -> None:
    before = everything(folder / "mappings")
    done = qmap("lint", env=environment(folder), cwd=folder)
    assert done.returncode == 1
    assert "1 error, 0 warnings; 1 fixable with --fix" in done.stderr
    assert everything(folder / "mappings") == before


def test_diff_shows_the_change_and_ends_with_one(folder: Path) -> None:
    before = everything(folder / "mappings")
    done = qmap("lint", "--diff", env=environment(folder), cwd=folder)
    assert done.returncode == 1
    assert done.stdout.startswith(f"--- {ACME}\n+++ {ACME}\n")
    assert f"-{SLIP}+{RIGHT}" in done.stdout
    assert "--fix would fix 2 findings in 1 file" in done.stderr
    assert everything(folder / "mappings") == before
    clean = qmap("lint", "--diff", "mappings/nordlys", env=environment(folder), cwd=folder)
    assert (clean.returncode, clean.stdout) == (0, "")


def test_fix_writes_only_what_it_fixes_and_keeps_the_mode(folder: Path) -> None:
    file = folder / ACME
    file.chmod(0o640)
    before = everything(folder / "mappings")
    done = qmap("lint", "--fix", env=environment(folder), cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert "fixed 2 findings in 1 file" in done.stderr
    after = everything(folder / "mappings")
    assert set(after) == set(before)
    assert [path for path in after if after[path] != before[path]] == [str(file)]
    assert after[str(file)] == (MAPPINGS / "acme" / "acme-hubspot.yaml").read_bytes().replace(
        b"      queast_founded_on: company.founded_on\n", RIGHT.encode()
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_mark_and_windows_line_ends_stay(folder: Path) -> None:
    file = folder / ACME
    text = file.read_text(encoding="utf-8").replace("\n", "\r\n")
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert qmap("lint", "--fix", "--select", "QM211", env=environment(folder), cwd=folder).returncode == 0
    assert file.read_bytes() == b"\xef\xbb\xbf" + text.replace("founded_onn", "founded_on").encode()


def test_what_cannot_be_fixed_is_printed_and_decides_the_exit(folder: Path) -> None:
    file = folder / ACME
    file.write_text(file.read_text(encoding="utf-8").replace("score >= 40", "score >= 'a'"), encoding="utf-8")
    done = qmap("lint", "--fix", env=environment(folder), cwd=folder)
    assert done.returncode == 1
    assert done.stdout.startswith("QM224 ")
    assert "fixed 1 finding in 1 file" in done.stderr


def test_json_carries_each_fix_that_holds(folder: Path) -> None:
    done = qmap("lint", "--format", "json", env=environment(folder), cwd=folder)
    (finding,) = json.loads(done.stdout)["findings"]
    (edit,) = finding["fix"]["edits"]
    assert edit == {"line": 14, "column": 34, "end_line": 14, "end_column": 45, "text": "founded_on"}
    assert finding["fix"]["title"] == "write `founded_on`"


def test_codes_are_chosen_by_their_beginning(folder: Path) -> None:
    assert qmap("lint", "--ignore", "QM2,QM8", env=environment(folder), cwd=folder).stdout == ""
    assert qmap("lint", "--select", "QM8", env=environment(folder), cwd=folder).returncode == 0
    assert "QM211" in qmap("lint", "--select", "qm21", env=environment(folder), cwd=folder).stdout
    done = qmap("lint", "--select", "QM2111", env=environment(folder), cwd=folder)
    assert done.returncode == 2
    assert "did you mean `QM211`?" in done.stderr


def test_fix_and_diff_exclude_each_other(folder: Path) -> None:
    assert qmap("lint", "--fix", "--diff", env=environment(folder), cwd=folder).returncode == 2
    assert qmap("lint", "--diff", "--format", "json", env=environment(folder), cwd=folder).returncode == 2


def test_the_policy_and_links_are_never_changed(folder: Path) -> None:
    policy = folder / "mappings" / "policy.yaml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("version: 1", "verson: 1"), encoding="utf-8")
    elsewhere = folder / "elsewhere.yaml"
    elsewhere.write_bytes((folder / ACME).read_bytes())
    (folder / ACME).unlink()
    (folder / ACME).symlink_to(elsewhere)
    before = everything(folder)
    assert qmap("lint", "--fix", env=environment(folder), cwd=folder).returncode == 1
    assert everything(folder) == before


def test_a_file_that_changed_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n", encoding="utf-8")
    file = read_text(path)
    assert file is not None
    path.write_text("a: 2\n", encoding="utf-8")
    with pytest.raises(CommandError, match="changed meanwhile"):
        write_text(file, "a: 3\n")
    assert os.listdir(tmp_path) == ["a.yaml"]
    assert path.read_text(encoding="utf-8") == "a: 2\n"


def test_a_mistake_of_the_policy_is_told_once_and_not_once_for_each_tenant(tmp_path: Path) -> None:
    shutil.copytree(MAPPINGS, tmp_path / "mappings")
    policy = tmp_path / "mappings" / "policy.yaml"
    policy.write_text(policy.read_text(encoding="utf-8") + "nonsense: 1\n", encoding="utf-8")
    done = qmap("lint", "mappings", env=environment(tmp_path), cwd=tmp_path)
    assert done.stdout.count("nonsense: 1") == 1
    assert "1 error," in done.stderr
