"""A decided case becomes a test of its mapping that keeps how names and domains relate, and none of them."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, SeqNode
from queast_dsl.loading.tree import read_tree
from queast_dsl.source import SourceFile
from queast_runtime.cli.exits import CommandError
from queast_runtime.cli.reviews.as_test import test_of as yaml_of
from queast_runtime.ports.matches import Review
from queast_runtime.preview.as_test import KEPT, as_test
from reviewing.samples import answered, candidate, review


def plain(node: Node | None) -> Any:
    match node:
        case MapNode(entries=entries):
            return {each.key.value: plain(each.value) for each in entries}
        case SeqNode(items=items):
            return [plain(each) for each in items]
        case ScalarNode():
            return None if node.value == "null" else node.value
    raise AssertionError(node)


def read_back(case: Review) -> Any:
    diagnostics = Diagnostics()
    made = plain(read_tree(SourceFile("case.yaml", yaml_of(case)), diagnostics))
    assert not diagnostics.findings
    return made


def decided(choice: str = "link", partner_id: str | None = "881") -> Review:
    near = candidate("881", 0.91, domain="nordicdata.no", city="Oslo")
    far = candidate("77", 0.6, name="Nordic Holding GmbH", domain="nordic.example.com", country="DE", city=None)
    return review(near, far, answer=answered(choice, partner_id))


def test_a_link_becomes_a_test_that_names_the_right_record() -> None:
    assert read_back(decided()) == {
        "mapping": "acme-crm",
        "tests": [
            {
                "name": "a person linked it to h1",
                "given": {
                    "event": "company.updated",
                    "company": {
                        "id": "c1",
                        "name": "Badoba Kemi AS",
                        "city": "Lupo",
                        "domain": "a.example",
                        "country": "NO",
                    },
                    "crm": [
                        {
                            "object": "companies",
                            "id": "h1",
                            "name": "Badoba Kemix AS",
                            "city": "Lupo",
                            "domain": "a.example",
                            "country": "NO",
                        },
                        {
                            "object": "companies",
                            "id": "h2",
                            "name": "Badoba Holding GmbH",
                            "domain": "b.example",
                            "country": "DE",
                        },
                    ],
                },
                "expect": {"match": {"record": "h1"}},
            }
        ],
    }


@pytest.mark.parametrize(
    ("choice", "name"),
    [("reject", "a person found none of them to be the one"), ("create", "a person wanted a new record for it")],
)
def test_an_answer_against_every_record_expects_none(choice: str, name: str) -> None:
    (test,) = read_back(decided(choice, None))["tests"]
    assert (test["name"], test["expect"]) == (name, {"match": {"record": None}})


@pytest.mark.parametrize(
    "case",
    [
        review(candidate("881")),
        review(candidate("881"), answer=answered("withdrawn")),
        review(candidate("881"), kind="inbound", answer=answered("link", "881")),
        review(candidate("881"), mapping="", answer=answered("link", "881")),
    ],
)
def test_a_case_that_no_person_decided_is_no_test(case: Review) -> None:
    with pytest.raises(CommandError):
        yaml_of(case)


def names_of(ours: str, theirs: str) -> tuple[str, str]:
    case = review(candidate("881", name=theirs), answer=answered("link", "881"), subject={"name": ours})
    given = as_test(case)["tests"][0]["given"]
    return given["company"]["name"], given["crm"][0]["name"]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Solvay SA", "Solvac SA"),
        ("Nordic Data AS", "Nordic Datas AS"),
        ("Møller Gruppen", "Moller Gruppen"),
        ("Acmecorp Ltd", "Аcmecorp Ltd"),
    ],
)
def test_names_that_nearly_agree_still_nearly_agree(ours: str, theirs: str) -> None:
    mine, other = names_of(ours, theirs)
    assert mine != other
    assert SequenceMatcher(None, mine, other).ratio() == pytest.approx(
        SequenceMatcher(None, ours, theirs).ratio(), abs=0.08
    )
    assert mine.rsplit(" ", 1)[1] == ours.rsplit(" ", 1)[1] or ours.endswith("Gruppen")


WORDS = st.text(st.characters(categories=("Lu", "Ll", "Lo", "Nd")), min_size=4, max_size=12)


@given(st.lists(WORDS, min_size=1, max_size=8, unique=True), st.lists(WORDS, min_size=1, max_size=8, unique=True))
def test_no_word_of_a_name_is_left_and_equal_words_stay_equal(ours: list[str], theirs: list[str]) -> None:
    mine, other = names_of(" ".join(ours), " ".join(theirs))
    for word in {*ours, *theirs}:
        if word.casefold() not in KEPT and word.isascii():
            assert word.casefold() not in {each.casefold() for each in (*mine.split(), *other.split())}
    shared = {word.casefold() for word in ours} & {word.casefold() for word in theirs}
    kept = {word.casefold() for word in mine.split()} & {word.casefold() for word in other.split()}
    assert len(kept) == len(shared)


@given(st.text(max_size=60), st.text(max_size=30))
def test_whatever_a_name_holds_the_file_reads_back(name: str, domain: str) -> None:
    case = review(candidate("881", name=name, domain=domain), answer=answered("link", "881"), subject={"name": name})
    assert read_back(case) == as_test(case)


@pytest.mark.parametrize(
    "country", ["Brazil", "brasil", "Norge", "United States of America", "the Netherlands", "DE", "XY"]
)
def test_a_country_stays_however_the_matcher_reads_it(country: str) -> None:
    case = review(candidate("881", 0.9, country=country), answer=answered("link", "881"))
    assert read_back(case)["tests"][0]["given"]["crm"][0]["country"] == country


@given(st.text(min_size=3))
def test_what_is_no_country_is_replaced(text: str) -> None:
    value = f"{text} Ygqkw"
    case = review(candidate("881", 0.9, country=value), answer=answered("link", "881"))
    assert "ygqkw" not in str(as_test(case)).casefold()
