"""The page of decisions says what the tests prove, and nothing more."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "runtime" / "docs" / "decisions.md"
CHAPTERS = {1: 4, 2: 4, 3: 5, 4: 3, 5: 4, 6: 7}
ABOUT_PAGES = {"test_page.py", "test_readmes.py"}


@dataclass(frozen=True)
class Row:
    id: str
    decision: str
    state: str
    proof: tuple[str, ...]
    missing: str


def rows() -> list[Row]:
    found: list[Row] = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("| D"):
            continue
        id_, decision, state, proof, missing = (cell.strip() for cell in line.strip("|").split("|"))
        found.append(Row(id_, decision, state, tuple(proof.split("<br>")) if proof else (), missing))
    return found


@cache
def docstrings(file: Path) -> dict[str, str]:
    """Return the docstring of each test of a file by its name, "" where it has none."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        node.name: ast.get_docstring(node) or ""
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def decisions_of(text: str) -> tuple[str, ...]:
    """`D6.3, D5.3 Ola opted out`  ->  D6.3, D5.3"""
    found = re.match(r"D\d\.\d(?:, D\d\.\d)*\b", text)
    return () if found is None else tuple(found[0].split(", "))


def test_every_decision_has_one_row_in_order() -> None:
    assert [row.id for row in rows()] == [f"D{n}.{m}" for n, last in CHAPTERS.items() for m in range(1, last + 1)]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.id)
def test_a_row_says_what_is_proven_and_what_is_missing(row: Row) -> None:
    assert row.decision
    match row.state:
        case "held":
            assert row.missing == "–"
            assert any(name.startswith("tests/decisions/") for name in row.proof)
        case "partly":
            assert row.proof
            assert len(row.missing) > 1
        case state:
            assert state == "later"
            assert (row.proof, row.missing) == ((), "")


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.id)
def test_every_test_that_a_row_names_is_there_and_says_so(row: Row) -> None:
    for name in row.proof:
        path, _, test = name.partition("::")
        found = docstrings(ROOT / path)
        assert test in found, name
        assert row.id in decisions_of(found[test]), name


def test_every_test_of_a_decision_is_named_by_its_row() -> None:
    named = {(row.id, name) for row in rows() for name in row.proof}
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        if file.name in ABOUT_PAGES:
            continue
        for test, text in docstrings(file).items():
            decisions = decisions_of(text)
            assert decisions, f"{file.name}::{test} names no decision"
            for decision in decisions:
                assert (decision, f"tests/decisions/{file.name}::{test}") in named, f"{decision} {file.name}::{test}"
