"""What several folders of tests share: one run of the example tenants a session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from example_run import ExampleRun


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExampleRun]:
    """The example tenants after one run over their events, with the doubles still up."""
    from example_run import example_run

    with example_run(tmp_path_factory.mktemp("first-run")) as done:
        yield done
