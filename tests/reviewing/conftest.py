"""A store in a file, with or without a release beside it, and a terminal over it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from example_run import environment, qmap
from kill_harness import ROOT
from reviewing.commands import Terminal
from reviewing.desk import Desk, opened_in


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with keys and an empty database, to be copied: making one takes longer than most tests."""
    folder = tmp_path_factory.mktemp("blank")
    opened_in(folder).close()
    return folder


@pytest.fixture
def desk(blank: Path, tmp_path: Path) -> Iterator[Desk]:
    store = opened_in(shutil.copytree(blank, tmp_path / "state"))
    yield Desk(store)
    store.close()


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with mappings of two tenants and, in `state`, their releases and an empty database."""
    folder = tmp_path_factory.mktemp("published")
    shutil.copytree(ROOT / "mappings", folder / "mappings")
    env = environment(folder / "state")
    for command in (("compile", "mappings", "-o", "plans"), ("publish", "plans"), ("status",)):
        done = qmap(*command, env=env, cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture
def terminal(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    folder = shutil.copytree(published, tmp_path / "work")
    store = opened_in(folder / "state")
    yield Terminal(folder, monkeypatch, {"QMAP_STATE": str(folder / "state")}, Desk(store))
    store.close()
