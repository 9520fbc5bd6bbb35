"""What the pages say of functions, findings, schemas and generated code is what the code says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from golden import sections
from queast_dsl.diagnostics.registry import CODES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("page", "name", "write"),
    [
        ("dsl/README.md", "functions", sections.functions),
        ("dsl/docs/findings.md", "codes", sections.codes),
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


def test_the_page_of_findings_lists_every_code_once() -> None:
    page = (ROOT / "dsl/docs/findings.md").read_text(encoding="utf-8")
    assert re.findall(r"^- `(QM[0-9]{3})`", page, flags=re.MULTILINE) == sorted(CODES)


def test_a_page_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="once each"):
        sections.with_section("no marks", "functions", "x")
