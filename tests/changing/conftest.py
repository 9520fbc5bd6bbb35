"""Repositories in which changes are looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from changing.here import Here, examples


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    """The example mappings, committed on a branch main."""
    made = Here(tmp_path, monkeypatch)
    examples(tmp_path)
    (tmp_path / ".gitignore").write_text("state/\n", encoding="utf-8")
    made.git("init", "--quiet", "--initial-branch=main")
    made.commit("Begin")
    return made


@pytest.fixture
def here_with_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    """The same with recorded events and the sandbox's accounts."""
    made = Here(tmp_path, monkeypatch)
    examples(tmp_path, events=True)
    (tmp_path / ".gitignore").write_text("state/\n", encoding="utf-8")
    made.git("init", "--quiet", "--initial-branch=main")
    made.commit("Begin")
    return made
