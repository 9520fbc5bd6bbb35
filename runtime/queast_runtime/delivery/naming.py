"""Names of companies against the mirror: the store's own index is read, so that nothing is built anew after a restart.

What is read is what `matching.index` would give for the same records; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Final, assert_never

from queast_runtime.matching.apart import compare_names
from queast_runtime.matching.companies import DOMAIN_MARK, Company, IndexRow, read_company
from queast_runtime.matching.evidence import Evidence
from queast_runtime.matching.fuzzy import (
    SUPPORTED_FLOOR,
    Fuzzy,
    FuzzyLinked,
    FuzzyReview,
    NoCandidate,
    Thresholds,
    decide_fuzzy,
    judge,
)
from queast_runtime.matching.name_score import CountedRarity, score_names, weight
from queast_runtime.ports.rows import MirrorCard
from queast_runtime.ports.store import Snapshot

# Records of one word that are looked at. A word that more have tells nothing apart: no link is made by such names.
MOST_OF_A_WORD: Final = 500
# What two records say beside their names, which a shared profile address says nothing about.
_BESIDE_NAMES: Final = frozenset({"legal_form", "country", "city", "domain", "homograph"})


# A record that many of ours resemble is read as often; names are the dearest part of it.
@lru_cache(maxsize=32_768)
def company_of(card: MirrorCard) -> Company:
    """Read a record's card as the rule by name compares it."""
    return read_company(card.name or "", card.country or "", card.city or "", card.domain or "")


def name_tokens(card: MirrorCard) -> tuple[str, ...]:
    """Return the tokens by which the index finds a record: those of its name, and its domain."""
    return company_of(card).postings


def decide_by_name(
    tx: Snapshot,
    tenant: str,
    account: str,
    object: str,
    ours: Company,
    thresholds: Thresholds,
    without: frozenset[str] = frozenset(),
    exact: Collection[str] = (),
    as_theirs: Callable[[str, MirrorCard], MirrorCard] | None = None,
) -> Fuzzy:
    """Score our name against the records of an account. `without` are records that are known not to be the one,
    `exact` those that are called exactly the same, which are looked at whatever the words are worth.

    Where more records share a word than are read, nobody knows what is missing: nothing is linked and nothing counts as
    absent, a person is asked.

    `as_theirs` takes out of a card what is only our own word. It is asked of the records that a decision rests on, and
    the decision made again, until it rests on none that says more than its own.
    """
    size = tx.mirror_size(tenant, account, object)
    near, crowded = _near(tx, tenant, account, object, ours, thresholds, size)
    near |= frozenset(sorted(exact)[:MOST_OF_A_WORD])
    cards = tx.mirror_cards(tenant, account, object, near)
    rows = {one: IndexRow(one, company_of(card)) for one, card in cards.items() if one not in without}
    postings = {token for row in rows.values() for token in row.company.postings} | set(ours.postings)
    counts = tx.token_counts(tenant, account, object, postings)
    rarity = CountedRarity(size, counts)
    found = decide_fuzzy(ours, rows.values(), rarity, thresholds)
    asked: set[str] = set()
    while as_theirs is not None and (new := _rests_on(found) - asked):
        asked |= new
        rows |= {one: IndexRow(one, company_of(as_theirs(one, cards[one]))) for one in new}
        found = decide_fuzzy(ours, rows.values(), rarity, thresholds)
    if not crowded:
        return found
    match found:
        case FuzzyLinked():
            return FuzzyReview((found.judged, *found.others), is_crowded=True)
        case FuzzyReview():
            return FuzzyReview(found.candidates, is_crowded=True)
        case NoCandidate():
            return FuzzyReview((), is_crowded=True)
        case _:
            assert_never(found)


def _rests_on(found: Fuzzy) -> set[str]:
    match found:
        case FuzzyLinked(judged=best):
            return {best.record}
        case FuzzyReview(candidates=judged):
            return {each.record for each in judged}
        case NoCandidate():
            return set()
        case _:
            assert_never(found)


def compare_cards(ours: Company, theirs: MirrorCard | None, thresholds: Thresholds) -> tuple[Evidence, ...]:
    """Return what of two records with a key in common agrees and differs: whether anything connects their names, and
    all beside them. Nothing is known of a record without a card."""
    if theirs is None:
        return ()
    row, rarity = IndexRow("", company_of(theirs)), CountedRarity(1, {})
    score = score_names(ours, row.company, rarity, same_domain=False, same_city=False)
    evidence = judge(ours, row, score, rarity, thresholds).evidence
    return (compare_names(ours, row.company), *(each for each in evidence if each.rule in _BESIDE_NAMES))


def _near(
    tx: Snapshot, tenant: str, account: str, object: str, ours: Company, thresholds: Thresholds, size: int
) -> tuple[frozenset[str], bool]:
    """Return the records that share enough of our name's weight, and whether more share a word than are read."""
    tokens = ours.tokens
    counts = tx.token_counts(tenant, account, object, ours.postings)
    weights = {token: weight(size, counts.get(token, 0)) for token in tokens}
    # In one city less of the name has to agree, as `index` has it.
    floor = min(thresholds.review, SUPPORTED_FLOOR) if thresholds.scoring == "supported" else thresholds.review
    # A name that shares less than this scores below the floor, whatever else is in it.
    needed = floor * sum(weights.values()) / (2 - floor) - 1e-6
    rest = sum(weights[token] for token in tokens if counts.get(token))
    found: set[str] = set()
    crowded = False
    for token in sorted(tokens, key=lambda each: -weights[each]):
        if rest < needed:
            break
        if token not in counts:
            continue
        rest -= weights[token]
        records = tx.mirror_with_token(tenant, account, object, token, MOST_OF_A_WORD + 1)
        crowded = crowded or len(records) > MOST_OF_A_WORD
        found |= {one for one, theirs in records if sum(weights.get(each, 0.0) for each in theirs) >= needed}
    domain = DOMAIN_MARK + (ours.domain or "")
    if thresholds.scoring == "supported" and counts.get(domain) == 1:
        found |= {one for one, _ in tx.mirror_with_token(tenant, account, object, domain, 1)}
    return frozenset(found), crowded
