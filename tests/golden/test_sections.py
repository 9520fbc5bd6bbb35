"""What the pages say of functions, schemas and generated code is what the code says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from golden import sections

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("page", "name", "write"),
    [
        ("dsl/README.md", "functions", sections.functions),
        ("schemas/README.md", "schemas", sections.schemas),
        ("compiler/README.md", "field", sections.field),
        ("compiler/README.md", "rules", sections.rules),
    ],
)
def test_a_section_is_what_the_code_says(
    page: str, name: str, write: Callable[[], str], request: pytest.FixtureRequest
) -> None:
    path = ROOT / page
    text, expected = path.read_text(encoding="utf-8"), write()
    if request.config.getoption("--update-golden", default=False):
        path.write_text(sections.with_section(text, name, expected), encoding="utf-8")
        return
    assert sections.section(text, name) == expected, f"section {name} of {page} is stale: make golden"


def test_a_page_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="once each"):
        sections.with_section("no marks", "functions", "x")
