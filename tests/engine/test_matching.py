"""Ordered rules, first hit wins; whatever is doubtful waits for a person. Decisions D3.1 and D3.4."""

from typing import Any

import pytest

from engine_plans import match_plan
from queast_runtime.matching.decide import Candidates, Linked, Match, NeedsReview, NotLookedUp, Unmatched, decide
from queast_runtime.matching.keys import Keys, domain_key, linkedin_key, name_key

ALL = ("link", "external_id", "domain", "linkedin", "name")
OURS = Keys("c_1", "acme.no", "linkedin.com/company/acme", "acme as")


def known(complete: bool = True, linked: str | None = None, **found: Any) -> Candidates:
    return Candidates(complete, linked, **found)


@pytest.mark.parametrize(
    ("plan", "keys", "candidates", "match"),
    [
        ({}, OURS, known(linked="7", domain=("8",)), Linked("7", "link", "stored")),
        ({}, OURS, known(complete=False, linked="7"), Linked("7", "link", "stored")),
        ({}, OURS, known(complete=False, domain=("8",)), NotLookedUp("companies")),
        ({"order": ("link",)}, OURS, known(complete=False), NotLookedUp("companies")),
        ({}, OURS, known(external_id=("5",), domain=("8",)), Linked("5", "external_id", "c_1")),
        ({}, OURS, known(domain=("8",)), Linked("8", "domain", "acme.no")),
        (
            {"order": ("domain", "external_id", "link")},
            OURS,
            known(linked="7", external_id=("5",), domain=("8",)),
            Linked("8", "domain", "acme.no"),
        ),
        (
            {},
            OURS,
            known(external_id=("5", "6")),
            NeedsReview(("5", "6"), "external_id", "several records share the key"),
        ),
        ({}, OURS, known(domain=("8", "9")), NeedsReview(("8", "9"), "domain", "several records share the key")),
        ({"on_many": "skip"}, OURS, known(domain=("8", "9")), Unmatched("skip")),
        (
            {"on_many": "skip"},
            OURS,
            known(external_id=("5", "6")),
            NeedsReview(("5", "6"), "external_id", "several records share the key"),
        ),
        (
            {},
            Keys("c_1", "gmail.com", None, None),
            known(domain=("8",)),
            NeedsReview(("8",), "domain", "the domain is shared by unrelated companies"),
        ),
        ({}, Keys("c_1", "gmail.com", None, None), known(), Unmatched("create")),
        (
            {},
            OURS,
            known(domain=("8",), taken={"8": "c_2"}),
            NeedsReview(("8",), "domain", "the record stands for another entity"),
        ),
        ({}, OURS, known(name=("8",), linkedin=("9",)), Unmatched("create")),
        ({"order": ALL}, OURS, known(name=("8",)), NeedsReview(("8",), "name", "only the name agrees")),
        (
            {"order": ALL},
            OURS,
            known(linkedin=("9",), name=("8",)),
            NeedsReview(("9",), "linkedin", "only the profile address agrees"),
        ),
        ({"order": ALL}, OURS, known(), Unmatched("create")),
        ({"on_none": "skip"}, OURS, known(), Unmatched("skip")),
        (
            {"on_none": "review"},
            OURS,
            known(),
            NeedsReview((), None, "no record, and the connection asks a person"),
        ),
        ({}, Keys("c_1", None, None, None), known(), Unmatched("create")),
    ],
)
def test_the_decision_table(plan: dict[str, Any], keys: Keys, candidates: Candidates, match: Match) -> None:
    """D3.1."""
    assert decide(match_plan(**plan), keys, candidates) == match


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("acme.no", "acme.no"),
        ("https://WWW.Acme.no/about?x=1", "acme.no"),
        ("www.acme.co.uk", "acme.co.uk"),
        ("", None),
        (None, None),
        (7, None),
        ("not a domain", None),
    ],
)
def test_domains_are_compared_by_what_can_be_registered(text: object, key: str | None) -> None:
    assert domain_key(text) == key


def test_names_are_compared_by_case_and_spacing_only() -> None:
    assert name_key("  ACME \t ÅS ") == name_key("acme ås") == "acme ås"
    assert name_key("Acme AS") != name_key("Acme")
    assert name_key("  ") is None
    assert name_key(None) is None


def test_profile_addresses_are_compared_without_scheme_query_and_slash() -> None:
    assert linkedin_key("https://www.LinkedIn.com/company/Acme/?trk=1") == "linkedin.com/company/acme"
    assert linkedin_key(None) is None
