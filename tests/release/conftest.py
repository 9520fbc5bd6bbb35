from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from queast_runtime.worker import loop
from release.house import House
from release.running import Running


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """Sources of which nothing was ever published."""
    settings = {"QMAP_STATE": str(tmp_path / "state")}
    one = House(tmp_path, monkeypatch, settings)
    one.write()
    return one


@pytest.fixture
def house(fresh: House) -> House:
    """Sources that were published once, as release 1."""
    assert fresh.published() == 1
    return fresh


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Running]]:
    monkeypatch.setattr(loop, "FOLLOW_S", 0.01)
    made: list[Running] = []

    def start() -> Running:
        made.append(Running(tmp_path))
        return made[-1]

    yield start
    for each in made:
        each.store.close()
