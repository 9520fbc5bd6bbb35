"""What several folders of tests share: one run of the example tenants a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from example_run import ExampleRun, example_run


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExampleRun]:
    """The example tenants after one run over their events, with the doubles still up."""
    with example_run(tmp_path_factory.mktemp("first-run")) as done:
        yield done
