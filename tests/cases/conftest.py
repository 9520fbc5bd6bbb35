from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cases.folder import TenantFolder


@pytest.fixture
def tenant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], TenantFolder]:
    return lambda name: TenantFolder(tmp_path, name, monkeypatch)
