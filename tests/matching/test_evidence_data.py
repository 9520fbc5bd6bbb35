"""The shipped default on public records with known answers, and against homographs of well-known domains.

The data is not part of the repository: QMAP_MATCHING_DATA and QMAP_BADINPUT name the folders.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path

import pytest

from queast_runtime.cli.match_rows import read_questions, read_records
from queast_runtime.matching.companies import IndexRow, read_company
from queast_runtime.matching.evaluation import Figures, answer_of, figures
from queast_runtime.matching.fuzzy import FuzzyLinked, Scoring, Thresholds, decide_fuzzy
from queast_runtime.matching.index import CompanyIndex
from queast_runtime.matching.keys import domain_key

_MATCHING = os.environ.get("QMAP_MATCHING_DATA")
_BADINPUT = os.environ.get("QMAP_BADINPUT")

with_records = pytest.mark.skipif(not _MATCHING, reason="QMAP_MATCHING_DATA names no folder of records")
with_homographs = pytest.mark.skipif(not _BADINPUT, reason="QMAP_BADINPUT names no folder of homographs")


@cache
def found(suite: str) -> dict[Scoring, Figures]:
    folder = Path(_MATCHING or "") / "dev"
    records = read_records(folder / f"{suite}_crm.jsonl.gz")
    asked = read_questions(
        folder / f"{suite}_queries.jsonl.gz", frozenset(each.id for each in records), ("acronym", "xscript")
    )
    index = CompanyIndex(each.row() for each in records)
    questions = [each.question() for each in asked]

    def decided(scoring: Scoring) -> Figures:
        thresholds = Thresholds(scoring=scoring)
        return figures(
            (
                each,
                answer_of(decide_fuzzy(each.company, index.candidates(each.company, thresholds), index, thresholds)),
            )
            for each in questions
        )

    return {"plain": decided("plain"), "supported": decided("supported")}


@with_records
def test_the_plain_rule_is_wrong_in_four_links_of_2743_at_most_and_finds_what_it_found_before() -> None:
    listed, orgs = found("listed")["plain"], found("orgs")["plain"]
    assert listed.wrong + orgs.wrong <= 4
    assert listed.links + orgs.links >= 2743
    assert listed.recall >= 0.44
    assert orgs.recall >= 0.094


@with_records
@pytest.mark.parametrize("suite", ["listed", "orgs"])
def test_the_shipped_rule_finds_more_and_is_wrong_no_more_often(suite: str) -> None:
    plain, supported = found(suite)["plain"], found(suite)["supported"]
    assert Thresholds().scoring == "supported"
    assert supported.recall > plain.recall
    assert supported.precision >= plain.precision


@with_homographs
def test_no_homograph_of_a_known_domain_or_name_is_linked_to_it() -> None:
    file = Path(_BADINPUT or "") / "dev/idn/homographs.jsonl"
    pairs = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    imitated = sorted({pair["imitates"] for pair in pairs})
    rows = [IndexRow(each, read_company(_name(each), "US", "Boston", each)) for each in imitated]
    index = CompanyIndex(rows)
    thresholds = Thresholds(corroborate=frozenset())
    assert len(pairs) >= 100
    for pair in pairs:
        name = _name(pair["unicode"])
        for domain in (None, domain_key(pair["unicode"]), domain_key(pair["ascii"])):
            assert domain not in imitated
            ours = read_company(name, "US", "Boston", domain)
            for candidates in (index.candidates(ours, thresholds), rows):
                assert not isinstance(decide_fuzzy(ours, candidates, index, thresholds), FuzzyLinked), pair


def _name(domain: str) -> str:
    return domain.rpartition(".")[0] + " Inc."
