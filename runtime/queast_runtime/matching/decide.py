"""Ordered rules, first hit wins: which record stands for an entity of ours, or why nobody may say so yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, assert_never

from queast_compiler.plan.connection import MatchPlan
from queast_runtime.matching.evidence import Evidence, vetoed
from queast_runtime.matching.fuzzy import Fuzzy, FuzzyLinked, FuzzyReview, Judged, NoCandidate
from queast_runtime.matching.keys import Keys
from queast_runtime.matching.shared_domains import is_shared

Rule = Literal["link", "external_id", "domain", "linkedin", "name"]
Why = Literal[
    "several records share the key",
    "the domain is shared by unrelated companies",
    "the record stands for another entity",
    "the record was rejected for this entity",
    "the record carries another entity's id",
    "a record that was rejected for this entity still carries our id",
    "the linked record is gone",
    "the record says only what we wrote there",
    "only the name agrees",
    "the domain agrees, and the names have nothing in common",
    "the domain agrees, and something else speaks against it",
    "too many records share the words of the name to look at all of them",
    "only the profile address agrees",
    "the profile address agrees, and something else speaks against it",
    "no record, and the connection asks a person",
    "it would have been linked, but linking by name is paused",
    "it would have been linked, but the grant for so low a threshold ended",
    "a person has begun to decide",
]
# One of these agrees where a profile's address links.
_BESIDE_A_PROFILE: Final = frozenset({"name", "country", "domain"})


@dataclass(frozen=True, slots=True)
class Linked:
    """`partner_id` stands for the entity. `rule`, `evidence` (the key that agreed) and, where the rule compares more
    than a key, `judged` become its provenance. `others` were judged too, and came next."""

    partner_id: str
    rule: Rule
    evidence: str
    judged: Judged | None = None
    others: tuple[Judged, ...] = ()


@dataclass(frozen=True, slots=True)
class NeedsReview:
    """A person must choose among `candidates`; nothing is written until then. `judged` are those of them that were
    compared, best first."""

    candidates: tuple[str, ...]
    rule: Rule | None
    reason: Why
    judged: tuple[Judged, ...] = ()


@dataclass(frozen=True, slots=True)
class Unmatched:
    """No record. `action` is what the connection wants done about that."""

    action: Literal["create", "skip"]


@dataclass(frozen=True, slots=True)
class NotLookedUp:
    """The mirror of `object` is not complete yet: absence from it proves nothing."""

    object: str


Match = Linked | NeedsReview | Unmatched | NotLookedUp


@dataclass(frozen=True, slots=True)
class Scored:
    """What the rule by name found; `taken` and `marked` as in `Candidates`, of the records that it found."""

    fuzzy: Fuzzy
    taken: Mapping[str, str]
    marked: frozenset[str]


@dataclass(frozen=True, slots=True)
class Candidates:
    """What store and mirror know. The tuples hold partner ids by exact key; `taken` maps those among them that are
    linked to another entity of ours (or claimed by one that is being created) to that entity's id; `marked` are those
    that carry an id of Queast's which is not this entity's, whoever wrote it there.

    `by_name` scores names, and `compared` says what of two records agrees and differs; both are asked only where a rule
    comes to it, for they cost a search. None where nothing is scored.
    """

    complete: bool
    linked: str | None
    external_id: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()
    linkedin: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    taken: Mapping[str, str] | None = None
    marked: frozenset[str] = frozenset()
    by_name: Callable[[], Scored] | None = None
    compared: Callable[[str], tuple[Evidence, ...]] | None = None


def decide(plan: MatchPlan, keys: Keys, known: Candidates) -> Match:
    """Go through the plan's rules in order.

    A stored link holds whatever the mirror says; every other rule waits for a complete mirror, because a second record
    with the same key may still be on a page that was not read.
    """
    for rule in plan.order:
        if rule == "link":
            if known.linked is not None:
                return Linked(known.linked, "link", "stored")
            continue
        if not known.complete:
            return NotLookedUp(plan.object)
        found = _by_rule(rule, plan, keys, known)
        if found is not None:
            return found
    if not known.complete:
        return NotLookedUp(plan.object)
    match plan.on_none:
        case "create":
            return Unmatched("create")
        case "skip":
            return Unmatched("skip")
        case "review":
            return NeedsReview((), None, "no record, and the connection asks a person")
        case _:
            assert_never(plan.on_none)


def _by_rule(rule: Rule, plan: MatchPlan, keys: Keys, known: Candidates) -> Match | None:
    match rule:
        case "link":
            return None
        case "external_id":
            return _one(rule, keys.external_id, known.external_id, plan, known)
        case "domain":
            if keys.domain is None or not known.domain:
                return None
            if is_shared(keys.domain):
                return NeedsReview(known.domain, rule, "the domain is shared by unrelated companies")
            return _by_domain(keys.domain, plan, known)
        case "linkedin":
            return _by_profile(keys, plan, known)
        case "name" if known.by_name is not None:
            return _by_score(known.by_name(), keys, plan, known)
        case "name":
            return NeedsReview(known.name, rule, "only the name agrees") if known.name else None
        case _:
            assert_never(rule)


def _by_domain(domain: str, plan: MatchPlan, known: Candidates) -> Match | None:
    """One record with the domain is the one, unless what else is known of both speaks against it."""
    found = _one("domain", domain, known.domain, plan, known)
    if not isinstance(found, Linked) or known.compared is None:
        return found
    evidence = known.compared(found.partner_id)
    against = against_domain(evidence)
    if against is None:
        return found
    return NeedsReview(known.domain, "domain", against, (Judged(found.partner_id, 1.0, evidence),))


def against_domain(evidence: tuple[Evidence, ...]) -> Why | None:
    """Return why a person must look at two records that share a domain nobody else has; None where nothing is wrong.

    People type a domain into the wrong record, a group's companies share one, and a domain that was sold keeps old
    records. Renamed companies, initials and other spellings are no reason: `apart` tells how far names may differ.
    Neither is another city: companies move and have offices, and records are old.
    """
    if vetoed(tuple(each for each in evidence if each.rule != "city")):
        return "the domain agrees, and something else speaks against it"
    if any(each.rule == "name" and each.verdict == "differs" for each in evidence):
        return "the domain agrees, and the names have nothing in common"
    return None


def _by_profile(keys: Keys, plan: MatchPlan, known: Candidates) -> Match | None:
    """One record with the profile's address is the one, where names, country or domain agree as well and nothing that
    is known of both speaks against it. An address may have been typed into the wrong record."""
    if keys.linkedin is None or not known.linkedin:
        return None
    found = _one("linkedin", keys.linkedin, known.linkedin, plan, known)
    if not isinstance(found, Linked):
        return found
    if known.compared is None:
        return NeedsReview(known.linkedin, "linkedin", "only the profile address agrees")
    judged = Judged(found.partner_id, 1.0, known.compared(found.partner_id))
    if vetoed(judged.evidence):
        why: Why = "the profile address agrees, and something else speaks against it"
        return NeedsReview(known.linkedin, "linkedin", why, (judged,))
    if not any(each.verdict == "agrees" and each.rule in _BESIDE_A_PROFILE for each in judged.evidence):
        return NeedsReview(known.linkedin, "linkedin", "only the profile address agrees", (judged,))
    return Linked(found.partner_id, "linkedin", keys.linkedin, judged)


def _by_score(scored: Scored, keys: Keys, plan: MatchPlan, known: Candidates) -> Match | None:
    match scored.fuzzy:
        case NoCandidate():
            return None
        case FuzzyReview(candidates=judged, is_crowded=crowded):
            crowd: Why = "too many records share the words of the name to look at all of them"
            why: Why = crowd if crowded else "only the name agrees"
            return NeedsReview(tuple(each.record for each in judged), "name", why, judged)
        case FuzzyLinked(judged=best, others=others):
            standing = replace(known, taken=scored.taken, marked=scored.marked)
            found = _one("name", keys.name or "", (best.record,), plan, standing)
            match found:
                case Linked():
                    return Linked(best.record, "name", keys.name or "", best, others)
                case NeedsReview():
                    return NeedsReview(found.candidates, "name", found.reason, (best,))
                case _:
                    return found
        case _:
            assert_never(scored.fuzzy)


def _one(rule: Rule, key: str, found: tuple[str, ...], plan: MatchPlan, known: Candidates) -> Match | None:
    if len(found) == 0:
        return None
    if len(found) > 1:
        # Two records with our own id are a fault to look at, whatever the connection says about shared keys.
        if plan.on_many == "skip" and rule != "external_id":
            return Unmatched("skip")
        return NeedsReview(found, rule, "several records share the key")
    only = found[0]
    if known.taken and only in known.taken:
        return NeedsReview(found, rule, "the record stands for another entity")
    if only in known.marked:
        return NeedsReview(found, rule, "the record carries another entity's id")
    return Linked(only, rule, key)
