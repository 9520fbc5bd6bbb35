"""A near name is the one that comparing with every name finds, and few of them are compared."""

from __future__ import annotations

from difflib import SequenceMatcher, get_close_matches

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queast_dsl.diagnostics import spellings
from queast_dsl.diagnostics.nearest import nearest, only_nearest
from queast_dsl.diagnostics.spellings import Spellings

CUTOFF = 0.72
_NAMES = st.text("abc_1é", max_size=9)


@given(_NAMES, st.lists(_NAMES, unique=True, max_size=30))
def test_the_nearest_is_what_comparing_with_every_name_finds(name: str, known: list[str]) -> None:
    assert Spellings(known).likest(name, CUTOFF)[-1:] == get_close_matches(name, known, n=1, cutoff=CUTOFF)


@given(_NAMES, st.lists(_NAMES, unique=True, min_size=1, max_size=30))
def test_a_rival_is_any_other_name_that_is_as_like(name: str, known: list[str]) -> None:
    likeness = {other: SequenceMatcher(None, other, name).ratio() for other in known}
    near, *others = known
    is_rivalled = any(likeness[other] >= likeness[near] for other in others)
    assert Spellings(known).has_rival(name, near) is is_rivalled


@pytest.mark.parametrize(
    ("name", "known", "near", "only"),
    [
        ("Nmae", ["name", "domain"], "name", "name"),
        ("ulr", ["url", "uri"], "url", None),
        ("ab", ["abc", "abd"], "abd", None),
        ("tabel12", ["table12", "table21", "table1"], "table12", "table12"),
        ("zzzz", ["name"], None, None),
        ("name", [], None, None),
    ],
)
def test_near_names(name: str, known: list[str], near: str | None, only: str | None) -> None:
    assert (nearest(name, known), only_nearest(name, known)) == (near, only)


def test_few_of_many_names_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    class Counting(SequenceMatcher[str]):
        def set_seq1(self, a: str) -> None:  # type: ignore[override]
            compared.append(a)
            super().set_seq1(a)

    monkeypatch.setattr(spellings, "SequenceMatcher", Counting)
    known = [f"property_{n}" for n in range(500)]
    for n in range(100):
        nearest(f"proprety_{n}x", known)
        only_nearest(f"proprety_{n}x", known)
        nearest(f"company_name_{n}", known)
    assert len(compared) < 100 * 2 * 50
