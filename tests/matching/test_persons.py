"""Persons by name: only among those of the same company, in any order and with initials, and never by one word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queast_dsl.names import read_person_name
from queast_runtime.matching.fuzzy import Fuzzy, FuzzyLinked, FuzzyReview, NoCandidate, Thresholds
from queast_runtime.matching.persons import PersonRow, decide_person, score_persons


def decided(name: str, *records: tuple[str, str | None], company: str | None = "acme") -> Fuzzy:
    rows = [PersonRow(str(n), read_person_name(record), of) for n, (record, of) in enumerate(records)]
    return decide_person(read_person_name(name), company, rows, Thresholds())


@pytest.mark.parametrize("record", ["Kari Nordmann", "NORDMANN, Kari", "Dr. Kári Nordmann"])
def test_the_same_name_at_the_same_company_is_linked_in_any_order_and_spelling(record: str) -> None:
    match decided("Kari Nordmann", (record, "acme"), ("Ola Berg", "acme")):
        case FuzzyLinked(judged):
            assert (judged.record, judged.score) == ("0", 1.0)
            assert [(each.rule, each.verdict) for each in judged.evidence] == [
                ("person", "agrees"),
                ("company", "agrees"),
            ]
        case other:
            pytest.fail(str(other))


@pytest.mark.parametrize("company", [None, "other"])
def test_a_name_alone_is_nothing(company: str | None) -> None:
    assert decided("Kari Nordmann", ("Kari Nordmann", company)) == NoCandidate()
    assert decided("Kari Nordmann", ("Kari Nordmann", "acme"), company=None) == NoCandidate()


@pytest.mark.parametrize("name", ["K. Nordmann", "Kari A. Nordmann", "Kari Anne Nordmann"])
def test_initials_and_further_names_are_left_to_a_person(name: str) -> None:
    match decided(name, ("Kari Nordmann", "acme")):
        case FuzzyReview(candidates):
            assert [each.record for each in candidates] == ["0"]
        case other:
            pytest.fail(str(other))


def test_one_word_in_common_links_nobody() -> None:
    match decided("Kari", ("Kari", "acme")):
        case FuzzyReview((only,)):
            assert only.evidence[-1].rule == "generic_name"
        case other:
            pytest.fail(str(other))


def test_two_of_one_name_are_left_to_a_person() -> None:
    match decided("Kari Nordmann", ("Kari Nordmann", "acme"), ("Nordmann Kari", "acme")):
        case FuzzyReview(candidates):
            assert [each.record for each in candidates] == ["0", "1"]
            assert candidates[0].evidence[-1].rule == "runner_up"
        case other:
            pytest.fail(str(other))


def test_letters_of_another_alphabet_link_nobody() -> None:
    assert isinstance(decided("Kаri Nordmann", ("Kari Nordmann", "acme")), FuzzyReview)


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_score_is_a_share_and_the_same_from_either_side(one: str, other: str) -> None:
    ours, theirs = read_person_name(one), read_person_name(other)
    score = score_persons(ours, theirs)
    assert 0 <= score <= 1
    assert score == pytest.approx(score_persons(theirs, ours))
