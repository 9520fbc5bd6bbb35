"""What several folders of tests share: one run of the example tenants a session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import hypothesis  # noqa: F401 - it asks for CI when it is imported
import pytest

if TYPE_CHECKING:
    from example_run import ExampleRun

# What a pipeline may not do without a word is asked by tests of its own; in the others somebody sits there.
os.environ.pop("CI", None)

# Where single tests take many seconds. They come first, so that no core waits for the last of them.
LONG = frozenset(("faults", "test_demo.py", "endtoend", "fuzz", "noninterference", "test_determinism.py", "mutations"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` writes what the compiler says now; read the difference before keeping it."""
    parser.addoption("--update-golden", action="store_true", default=False, help="rewrite the expected sections")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long tests in front; the rest stays in its order."""
    items.sort(key=lambda item: LONG.isdisjoint(item.path.parts))


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExampleRun]:
    """The example tenants after one run over their events, with the doubles still up."""
    from example_run import example_run

    with example_run(tmp_path_factory.mktemp("first-run")) as done:
        yield done
