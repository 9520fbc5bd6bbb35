from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inbound.place import Place, opened


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with opened(tmp_path) as found:
        yield found
