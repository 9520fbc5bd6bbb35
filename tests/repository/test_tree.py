"""The repository keeps its shape: what may stand at the top, how long a file may be, what no file may name."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP = {
    "dsl",
    "compiler",
    "runtime",
    "mappings",
    "schemas",
    "tests",
    "pyproject.toml",
    "README.md",
    "Makefile",
    "CHANGELOG.md",
    "requirements.lock",
    "requirements-dev.lock",
}


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_the_top_level_holds_what_the_design_names_and_dot_files() -> None:
    top = {name.partition("/")[0] for name in tracked()}
    assert {name for name in top if not name.startswith(".")} <= TOP


def test_source_files_stay_readable_in_one_sitting() -> None:
    long = {
        name: lines
        for name in tracked()
        if name.endswith(".py") and (lines := len((ROOT / name).read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_no_file_names_a_registry() -> None:
    address = re.compile(r"--index-url|--extra-index-url|\"resolved\": *\"http|^registry *=", re.MULTILINE)
    this = str(Path(__file__).relative_to(ROOT))
    texts = (
        name
        for name in tracked()
        if name.endswith(
            (".lock", ".toml", ".txt", ".cfg", ".py", ".yaml", "run", "package.json", "package-lock.json", ".npmrc")
        )
    )
    assert [name for name in texts if name != this and address.search((ROOT / name).read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("folder", "needed"), [("tests/editor", "yaml-language-server"), ("tests/browser", "axe-core")]
)
def test_every_locked_package_of_npm_carries_a_hash_and_runs_no_script(folder: str, needed: str) -> None:
    lock = json.loads((ROOT / folder / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert f"node_modules/{needed}" in packages
    assert [name for name, each in packages.items() if not each["integrity"].startswith("sha512-")] == []
    assert [name for name, each in packages.items() if "resolved" in each or "hasInstallScript" in each] == []
    wanted = json.loads((ROOT / folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert all(re.fullmatch(r"[0-9.]+", version) for version in wanted.values())


def test_the_script_that_ships_with_the_pages_is_the_one_that_was_looked_at() -> None:
    """htmx 2.0.11, `dist/htmx.min.js` of its package, unchanged; its licence lies beside it."""
    assets = ROOT / "runtime/queast_runtime/web/assets"
    digest = hashlib.sha256((assets / "htmx.min.js").read_bytes()).hexdigest()
    assert digest == "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
    assert "Zero-Clause BSD" in (assets / "htmx.LICENSE.txt").read_text(encoding="utf-8")
    assert sorted(each.name for each in assets.iterdir() if each.suffix == ".js") == ["htmx.min.js", "review.js"]


def test_every_locked_requirement_carries_a_hash() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
        bare = [line for line in text.splitlines() if "==" in line and "--hash=sha256:" not in line]
        assert bare == []
