"""Every kind of change has a case: two sides as a tenant writes them, and what the comparison says of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from diff.sides import compared, said
from golden.archive import Archive, parse, write
from queast_compiler.diff.kinds import KINDS

CASES = Path(__file__).parents[1] / "golden" / "changes"


@pytest.mark.parametrize("case", sorted(CASES.glob("*.txt")), ids=lambda path: path.stem)
def test_a_case_gives_exactly_its_changes(case: Path, request: pytest.FixtureRequest) -> None:
    archive = parse(case.read_text(encoding="utf-8"))
    changes = [change for each in compared(archive.fixture, archive.sections) for change in each.changes]
    found = "".join(f"{said(change)}\n" for change in changes) or "no change\n"
    assert case.stem in {change.kind.id for change in changes}, found
    if request.config.getoption("--update-golden", default=False):
        sections = archive.sections | {"changes": found}
        case.write_text(write(Archive(archive.heading, archive.fixture, sections)), encoding="utf-8")
        return
    assert found == archive.sections.get("changes"), "section changes differs: pytest tests/diff --update-golden"


def test_every_kind_has_a_case_and_every_case_is_of_a_kind() -> None:
    assert {case.stem for case in CASES.glob("*.txt")} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_says_what_it_checks_and_why(kind: str) -> None:
    found = KINDS[kind]
    assert found.checks_that.startswith("Checks that ")
    assert found.checks_that.endswith(".")
    assert found.why.endswith(".")
    assert not found.says.endswith(".")
    assert found.says[0].islower()
