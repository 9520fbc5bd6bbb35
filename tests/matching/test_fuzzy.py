"""The rule by name: what links, what a veto or missing corroboration leaves to a person, and the evidence for it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from queast_compiler.plan.connection import NamePlan
from queast_runtime.matching.companies import Company, IndexRow, read_company
from queast_runtime.matching.evidence import Verdict, decided_by
from queast_runtime.matching.fuzzy import (
    Fuzzy,
    FuzzyLinked,
    FuzzyReview,
    Judged,
    NoCandidate,
    Thresholds,
    decide_fuzzy,
    thresholds_of,
)
from queast_runtime.matching.index import CompanyIndex

PLAIN = Thresholds(scoring="plain")
# So many others that "group", "bank" and "university" are common words, and a name of its own a rare one.
OTHERS = tuple(
    IndexRow(f"o{n}", read_company(f"Other{n} {word}", "US"))
    for n, word in enumerate(["Group", "Bank", "University of London", "Energy", "Oslo Hospital"] * 12)
)


def decided(ours: Company, *records: Company, thresholds: Thresholds = Thresholds()) -> Fuzzy:
    index = CompanyIndex([*OTHERS, *(IndexRow(str(n), each) for n, each in enumerate(records))])
    return decide_fuzzy(ours, index.candidates(ours, thresholds), index, thresholds)


def best(decision: Fuzzy) -> Judged:
    match decision:
        case FuzzyLinked(judged):
            return judged
        case FuzzyReview(candidates):
            return candidates[0]
        case _:
            pytest.fail("there is no candidate")


def verdicts(judged: Judged) -> dict[str, Verdict]:
    return {each.rule: each.verdict for each in judged.evidence}


def linked(decision: Fuzzy) -> bool:
    return isinstance(decision, FuzzyLinked)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (read_company("Nordwik Data AS", "NO"), read_company("NORDWIK DATA", "Norway")),
        (read_company("Société Nordwik", "FR"), read_company("Societe Nordwik SA", "France")),
        (read_company("Bank Nordwik", "PL"), read_company("Nordwik Banco", "PL")),
        (read_company("Nordwik Data", domain="nordwik.com"), read_company("Nordwik Data Ltd", domain="nordwik.com")),
        (read_company("Газпром", "RU"), read_company("Gazprom OOO", "Russia")),
    ],
)
@pytest.mark.parametrize("thresholds", [PLAIN, Thresholds()])
def test_a_rare_name_links_where_country_or_domain_agrees(
    ours: Company, theirs: Company, thresholds: Thresholds
) -> None:
    decision = decided(ours, theirs, thresholds=thresholds)
    assert linked(decision)
    assert best(decision).record == "0"


def test_a_name_alone_is_left_to_a_person_unless_the_tenant_asks_for_no_corroboration() -> None:
    ours, theirs = read_company("Nordwik Data", "NO"), read_company("Nordwik Data")
    assert isinstance(decided(ours, theirs), FuzzyReview)
    assert linked(decided(ours, theirs, thresholds=replace(Thresholds(), corroborate=frozenset())))


@pytest.mark.parametrize(
    ("rule", "ours", "theirs"),
    [
        ("country", read_company("Nordwik", "NO", "", "nordwik.no"), read_company("Nordwik", "SE", "", "nordwik.no")),
        ("city", read_company("Nordwik", "NO", "Oslo"), read_company("Nordwik", "NO", "Bergen")),
        ("domain", read_company("Nordwik", "NO", "", "nordwik.no"), read_company("Nordwik", "NO", "", "nordwik.se")),
        ("legal_form", read_company("Nordwik AS", "NO"), read_company("Nordwik ASA", "NO")),
        ("generic_name", read_company("University of London", "GB"), read_company("London University", "GB")),
        ("order", read_company("Nordwik Solberg", "NO"), read_company("Solberg Nordwik", "NO")),
        ("homograph", read_company("Nοrdwik", "NO"), read_company("Nordwik", "NO")),
    ],
)
def test_a_veto_beats_any_score(rule: str, ours: Company, theirs: Company) -> None:
    for one, other in ((ours, theirs), (theirs, ours)):
        judged = best(decided(one, other))
        assert judged.score >= 0.95
        assert verdicts(judged)[rule] == "vetoes"
        assert not linked(decided(one, other))
        assert decided_by(judged.evidence) == 0


@pytest.mark.parametrize(
    ("rule", "ours", "theirs"),
    [
        ("letters", "Solvay Nordwik Marine", "Solvac Nordwik Marine"),
        ("letters", "Nordwik Solbreg Marine", "Nordwik Solberg Marine"),
        ("numbers", "Nordwik Marine Solberg 1", "Nordwik Marine Solberg 2"),
        ("numbers", "Nordwik Marine Solberg II", "Nordwik Marine Solberg III"),
    ],
)
def test_names_that_differ_in_a_letter_or_a_number_are_two(rule: str, ours: str, theirs: str) -> None:
    loose = replace(Thresholds(), auto_link=0.5, review=0.5, corroborate=frozenset())
    judged = best(decided(read_company(ours), read_company(theirs), thresholds=loose))
    assert verdicts(judged)[rule] == "vetoes"


def test_a_runner_up_within_the_margin_leaves_it_to_a_person() -> None:
    same = read_company("Nordwik Data", "NO")
    decision = decided(same, same, same)
    assert isinstance(decision, FuzzyReview)
    assert [each.record for each in decision.candidates] == ["0", "1"]
    assert verdicts(decision.candidates[0])["runner_up"] == "vetoes"


@pytest.mark.parametrize("shared", ["gmail.com", "github.io"])
def test_a_domain_where_anybody_may_have_an_address_is_no_evidence(shared: str) -> None:
    decision = decided(read_company("Nordwik", domain=shared), read_company("Nordwik", domain=shared))
    assert not linked(decision)
    assert verdicts(best(decision))["domain"] == "unknown"
    other = decided(read_company("Nordwik", "NO", "", shared), read_company("Nordwik", "NO", "", "nordwik.no"))
    assert linked(other)


def test_a_domain_of_its_own_vouches_for_words_that_a_company_adds_to_its_name() -> None:
    ours = read_company("Nordwik", domain="nordwik.com")
    theirs = read_company("Nordwik Group Holdings", domain="nordwik.com")
    decision = decided(ours, theirs)
    assert linked(decision)
    assert verdicts(best(decision))["support"] == "agrees"
    assert decided_by(best(decision).evidence) == pytest.approx(best(decision).score)
    assert not linked(decided(ours, theirs, thresholds=PLAIN))
    sister = read_company("Nordwik Solberg Holdings", domain="nordwik.com")
    assert not linked(decided(ours, theirs, sister))


@pytest.mark.parametrize("part", ["Research", "Foundation", "Hospital", "Energy"])
def test_it_does_not_vouch_for_a_part_of_the_company(part: str) -> None:
    ours, theirs = read_company("Nordwik", domain="nordwik.com"), read_company(f"Nordwik {part}", domain="nordwik.com")
    assert not linked(decided(ours, theirs))


def test_the_city_vouches_for_a_shortened_word() -> None:
    ours, theirs = (
        read_company("Nordwik Biopharm", "NO", "Oslo"),
        read_company("Nordwik Biopharmaceuticals", "NO", "Oslo"),
    )
    assert linked(decided(ours, theirs))
    assert not linked(decided(replace(ours, city=None), theirs))


def test_what_nobody_is_called_has_no_candidate() -> None:
    assert decided(read_company("Zanzibix", "NO"), read_company("Nordwik", "NO")) == NoCandidate()
    assert decided(read_company("", "NO"), read_company("", "NO")) == NoCandidate()


def test_every_decision_can_be_drawn_as_one_bar_a_rule() -> None:
    ours = read_company("Nordwik Data AS", "NO", "Oslo", "nordwik.no")
    judged = best(decided(ours, read_company("Nordwik Data AS", "Norway", "Oslo")))
    drawn = json.loads(json.dumps(judged.as_json()))
    assert drawn["score"] == 1.0
    assert drawn["evidence"][0] == {
        "rule": "name",
        "ours": "nordwik data",
        "theirs": "nordwik data",
        "contribution": 1.0,
        "verdict": "agrees",
    }
    assert [(each["rule"], each["verdict"]) for each in drawn["evidence"][1:]] == [
        ("legal_form", "agrees"),
        ("country", "agrees"),
        ("city", "agrees"),
        ("domain", "unknown"),
    ]


def test_a_connection_s_thresholds_are_those_of_its_plan_and_the_rails_stay() -> None:
    plan = NamePlan(0.7, 0.97, 0.1, ("domain",), ("phone",))
    taken = thresholds_of(plan)
    assert (taken.review, taken.auto_link, taken.margin) == (0.7, 0.97, 0.1)
    assert taken.corroborate == {"domain"}
    assert taken.veto_if_different == {"country", "city", "domain", "legal_form", "phone"}
