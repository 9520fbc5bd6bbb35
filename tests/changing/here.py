"""A repository of example mappings in a folder of its own, and `qmap` in it without a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from kill_harness import ROOT
from typed import Typist

# Whoever runs the tests may have signing or hooks set up for their own commits.
GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Anna",
    "GIT_AUTHOR_EMAIL": "anna@acme.example",
    "GIT_COMMITTER_NAME": "Anna",
    "GIT_COMMITTER_EMAIL": "anna@acme.example",
}


class Here(Typist):
    """Types `qmap ARGUMENTS` in a folder. `edit` changes a file, `commit` keeps everything in git."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(folder, monkeypatch, {**GIT, "QMAP_STATE": str(folder / "state")})

    def fails(self, *arguments: str, code: int) -> str:
        """Return what the command says on stderr: one clear line and a help, nothing on stdout."""
        said = self(*arguments)
        assert said.out == ""
        return self.failed(said, code)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments],
            env={**os.environ, **GIT},
            capture_output=True,
            check=True,
            text=True,
        )
        return done.stdout

    def commit(self, message: str = "Change") -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def kinds(self, *arguments: str) -> list[str]:
        """The ids of the changes that `qmap diff` finds."""
        said = self("diff", "--against", "git:main", "--sample", "0", "--format", "json", *arguments)
        return [change["id"] for tenant in said.json["tenants"] for change in tenant["changes"]]


def examples(folder: Path, *, events: bool = False) -> None:
    """Copy the example tenants; with `events` their recorded events too."""
    left_out = shutil.ignore_patterns() if events else shutil.ignore_patterns("events", "sandbox.json")
    shutil.copytree(ROOT / "mappings", folder / "mappings", ignore=left_out)
