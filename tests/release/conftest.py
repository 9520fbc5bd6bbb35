from __future__ import annotations

from pathlib import Path

import pytest

from release.house import House


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
