"""Marks between two names: whole texts in order, and the characters that differ."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queast_runtime.web.differences import differences, lookalikes


def drawn(ours: str, theirs: str) -> tuple[str, str]:
    """Both texts with brackets around what differs."""
    left, right = differences(ours, theirs)
    return tuple("".join(f"[{run.text}]" if run.differs else run.text for run in side) for side in (left, right))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("Nordic Data AS", "Nordic Data AS", ("Nordic Data AS", "Nordic Data AS")),
        ("Nordic Data AS", "Nordic Datas AS", ("Nordic Data AS", "Nordic Data[s] AS")),
        ("Solvay", "Solvac", ("Solva[y]", "Solva[c]")),
        ("Acme", "acme", ("[A]cme", "[a]cme")),
        ("Nordic Data", "Nordic Data AS", ("Nordic Data", "Nordic Data[ AS]")),
        ("ABC", "xyz", ("[ABC]", "[xyz]")),
        ("", "x", ("", "[x]")),
        ("Pa\u0301l", "Pal", ("P[a\u0301]l", "P[a]l")),
        ("\u0421ata", "Cata", ("[\u0421]ata", "[C]ata")),
    ],
)
def test_what_differs_is_marked(ours: str, theirs: str, expected: tuple[str, str]) -> None:
    assert drawn(ours, theirs) == expected


@given(st.text(max_size=300), st.text(max_size=300))
def test_nothing_of_either_text_is_lost(ours: str, theirs: str) -> None:
    left, right = differences(ours, theirs)
    assert "".join(run.text for run in left) == ours
    assert "".join(run.text for run in right) == theirs
    assert any(run.differs for run in (*left, *right)) == (ours != theirs)
    # What is not marked is the same on both sides, in the same order.
    assert "".join(run.text for run in left if not run.differs) == "".join(run.text for run in right if not run.differs)


def test_names_of_any_length_are_compared_in_no_time() -> None:
    started_s = time.process_time()
    differences("ab" * 50_000, "ba" * 50_000)
    assert time.process_time() - started_s < 0.2


@pytest.mark.parametrize(
    ("ours", "theirs", "says"),
    [
        ("Sata", "\u0421ata", "ours is written in Latin letters, theirs in Cyrillic and Latin"),
        ("\u0391lpha", "Alpha", "ours is written in Greek and Latin letters, theirs in Latin"),
        ("Østfold", "Ostfold", None),
        ("123", "Acme", None),
        ("東京", "東京", None),
    ],
)
def test_letters_of_another_alphabet_are_told_of(ours: str, theirs: str, says: str | None) -> None:
    assert lookalikes(ours, theirs) == says
