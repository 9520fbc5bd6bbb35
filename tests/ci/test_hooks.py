"""The hooks for pre-commit: each entry runs on the files that pre-commit would give it."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ci.change import ROOT, Change, repository
from queast_runtime.cli.init.command import Asked, run

HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
MAPPING = "mappings/acme/acme-hubspot.yaml"


@pytest.fixture
def change(tmp_path: Path) -> Change:
    return repository(tmp_path)


def hook(change: Change, id: str) -> subprocess.CompletedProcess[str]:
    """Run a hook on what is staged: not at all without a file of its own, with the names where it takes them."""
    (wanted,) = [each for each in HOOKS if each["id"] == id]
    staged = change.git("diff", "--cached", "--name-only", "--diff-filter=ACMRTUXB").splitlines()
    names = [name for name in staged if re.search(wanted["files"], name)]
    assert names, "pre-commit would skip it"
    given = names if wanted.get("pass_filenames", True) else []
    return change.bash(shlex.join([*shlex.split(wanted["entry"]), *given]), {})


def staged(change: Change, old: str, new: str) -> None:
    file = change.folder / MAPPING
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    change.git("add", "-A")


def test_fmt_lays_out_what_is_staged_which_is_what_pre_commit_stops_at(change: Change) -> None:
    staged(change, "mode: live", "mode:   live")
    assert hook(change, "qmap-fmt").returncode == 0
    assert change.git("diff", "--name-only") == MAPPING
    change.git("add", "-A")
    assert change.git("diff", "--cached", "--name-only") == ""


def test_lint_stops_at_a_slip(change: Change) -> None:
    staged(change, "company.founded_on", "company.founded_onn")
    done = hook(change, "qmap-lint")
    assert done.returncode == 1
    assert "QM211" in done.stdout


def test_test_stops_at_a_mapping_that_does_something_else(change: Change) -> None:
    staged(change, "signal.score >= 40", "signal.score >= 4000")
    done = hook(change, "qmap-test")
    assert done.returncode == 1
    assert "FAIL mappings/acme/tests/" in done.stdout


@pytest.mark.parametrize(
    ("id", "file", "is_its"),
    [
        ("qmap-fmt", "mappings/policy.yaml", True),
        ("qmap-fmt", "mappings/acme/connections.yaml", True),
        ("qmap-fmt", "mappings/acme/tests/acme.yaml", False),
        ("qmap-fmt", "docs/x.yaml", False),
        ("qmap-lint", "mappings/acme/accounts/hubspot-main.json", True),
        ("qmap-lint", "README.md", False),
        ("qmap-test", "mappings/acme/tests/acme.yaml", True),
    ],
)
def test_each_hook_takes_its_own_files(id: str, file: str, is_its: bool) -> None:
    (wanted,) = [each for each in HOOKS if each["id"] == id]
    assert bool(re.search(wanted["files"], file)) is is_its


def test_what_init_lays_out_names_the_same_hooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(Asked(Path(), "webhook", "globex"))
    (local,) = yaml.safe_load(Path(".pre-commit-config.yaml").read_text())["repos"]
    told = ("id", "entry", "files", "pass_filenames")
    assert [[each.get(key) for key in told] for each in local["hooks"]] == [[h.get(key) for key in told] for h in HOOKS]
    assert {each["language"] for each in local["hooks"]} == {"system"}
