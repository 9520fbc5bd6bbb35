"""The index gives the same decisions as looking at every record, whatever was added, replaced and removed before."""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queast_runtime.matching.companies import Company, IndexRow, read_company, row_from_json
from queast_runtime.matching.fuzzy import SCORINGS, Scoring, Thresholds, decide_fuzzy
from queast_runtime.matching.index import CompanyIndex
from queast_runtime.matching.name_score import CountedRarity

NAMES = st.lists(
    st.sampled_from(
        [
            "nordic",
            "acme",
            "acne",
            "acm",
            "data",
            "data2",
            "bank",
            "banco",
            "of",
            "the",
            "group",
            "oslo",
            "university",
            "université",
            "7",
            "8",
            "pharm",
            "pharmaceuticals",
            "holdings",
            "Ltd",
            "ASA",
            "Газпром",
            "Αcme",
            "ii",
            "2",
        ]
    ),
    max_size=5,
).map(" ".join)
COMPANIES = st.builds(
    read_company,
    NAMES,
    st.sampled_from(["", "NO", "Norway", "SE"]),
    st.sampled_from(["", "Oslo", "Bergen"]),
    st.sampled_from([None, "acme.no", "nordic.com", "gmail.com"]),
)
IDS = st.integers(0, 12).map(str)
OPERATIONS = st.lists(st.tuples(st.sampled_from(["put", "put", "put", "remove"]), IDS, COMPANIES), max_size=40)
THRESHOLDS = st.builds(
    Thresholds,
    auto_link=st.sampled_from([0.9, 0.95]),
    review=st.sampled_from([0.5, 0.8]),
    scoring=st.sampled_from(SCORINGS),
)


def counted(rows: dict[str, IndexRow]) -> CountedRarity:
    return CountedRarity(len(rows), Counter(token for row in rows.values() for token in row.company.postings))


@settings(max_examples=150, deadline=None)
@given(OPERATIONS, st.lists(COMPANIES, min_size=1, max_size=4), THRESHOLDS)
def test_the_index_decides_as_one_that_looks_at_every_record(
    operations: list[tuple[str, str, Company]], queries: list[Company], thresholds: Thresholds
) -> None:
    rows: dict[str, IndexRow] = {}
    index = CompanyIndex()
    for operation, record, company in operations:
        if operation == "put":
            rows[record] = IndexRow(record, company)
            index.put(rows[record])
        elif record in rows:
            del rows[record]
            index.remove(record)
    assert {row.id: row for row in index.rows()} == rows
    rarity = counted(rows)
    for query in queries:
        expected = decide_fuzzy(query, rows.values(), rarity, thresholds)
        assert decide_fuzzy(query, index.candidates(query, thresholds), index, thresholds) == expected


@pytest.mark.parametrize("scoring", SCORINGS)
def test_thousands_of_replacements_leave_nothing_behind(scoring: Scoring) -> None:
    chance = random.Random(7)
    words = [f"word{n}" for n in range(60)]

    def some_company() -> Company:
        return read_company(" ".join(chance.choices(words, k=3)), "NO", "", f"d{chance.randrange(80)}.no")

    rows: dict[str, IndexRow] = {}
    index = CompanyIndex()
    for _ in range(6000):
        record = str(chance.randrange(150))
        if chance.random() < 0.2 and record in rows:
            del rows[record]
            index.remove(record)
        else:
            rows[record] = IndexRow(record, some_company())
            index.put(rows[record])
    thresholds = Thresholds(scoring=scoring, review=0.6)
    rarity = counted(rows)
    assert index.count == len(rows)
    assert {token: index.frequency(token) for token in rarity.frequencies} == rarity.frequencies
    for _ in range(100):
        query = some_company()
        expected = decide_fuzzy(query, rows.values(), rarity, thresholds)
        assert decide_fuzzy(query, index.candidates(query, thresholds), index, thresholds) == expected


@settings(max_examples=100, deadline=None)
@given(IDS, COMPANIES)
def test_a_row_survives_json(record: str, company: Company) -> None:
    row = IndexRow(record, company)
    assert row_from_json(json.loads(json.dumps(row.as_json()))) == row


def test_a_row_says_under_what_it_is_filed() -> None:
    company = read_company("Société de Banque ASA", "NO", "Oslo", "banque.no")
    assert company.postings == ("society", "bank", "@banque.no")


def test_a_record_that_is_not_there_cannot_be_removed() -> None:
    with pytest.raises(KeyError):
        CompanyIndex().remove("1")
