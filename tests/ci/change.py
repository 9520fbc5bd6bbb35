"""A repository with one change on a branch, and what runs in it as continuous integration would run it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CONNECTIONS = Path("mappings/acme/connections.yaml")


@dataclass(frozen=True)
class Change:
    """`folder` is the working tree, `base` the commit before the change, `bin` a folder with `qmap` and a `curl` that
    keeps comments in `state`."""

    folder: Path
    base: str
    bin: Path
    state: Path

    def git(self, *arguments: str) -> str:
        return git(self.folder, *arguments)

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("QMAP_", "GITHUB_", "CI_"))}
        path = f"{self.bin}{os.pathsep}{kept['PATH']}"
        return {**kept, "PATH": path, "STUB_STATE": str(self.state), "QMAP_STATE": str(self.folder / ".qmap"), **more}

    def bash(self, script: str, more: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run a script as a step does: it ends at the first command that fails."""
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment(more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def kept(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self.state.read_text())
        return state

    def begin(self, *, me: Mapping[str, Any], header: str, refuses: bool = False, comments: Any = ()) -> None:
        """Forget every call. `me` is what marks our comments, `header` what authorises."""
        told = {"calls": [], "comments": list(comments), "me": me, "header": header, "refuses": refuses}
        self.state.write_text(json.dumps(told))


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Anna", "-c", "user.email=anna@acme.example", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def repository(folder: Path) -> Change:
    """Make a repository of the example tenants `acme` and its policy, with nothing changed yet."""
    work, bin = folder / "work", folder / "bin"
    work.mkdir(parents=True)
    bin.mkdir()
    left_out = shutil.ignore_patterns("events", "sandbox.json", "matches.json", "qmap.lock")
    shutil.copytree(ROOT / "mappings/acme", work / "mappings/acme", ignore=left_out)
    (work / "mappings/policy.yaml").write_text("version: 1\nmatching:\n  auto_link: {min: 0.5}\n  review: {min: 0.5}\n")
    git(work, "init", "-q", "-b", "main")
    git(work, "add", "-A")
    git(work, "commit", "-qm", "Begin")
    program(bin / "qmap", f'exec {sys.executable} -m queast_runtime.cli "$@"')
    program(bin / "curl", f'exec {sys.executable} {Path(__file__).parent / "stub_curl.py"} "$@"')
    return Change(work, git(work, "rev-parse", "HEAD"), bin, folder / "state.json")


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def lower_a_threshold(change: Change, message: str = "Link more by name") -> None:
    file = change.folder / CONNECTIONS
    text = file.read_text()
    lowered = re.sub(r"name: \{review: 0\.80\}", "name: {review: 0.80, auto_link: 0.88}", text)
    assert lowered != text
    file.write_text(lowered)
    change.git("commit", "-qam", message)
