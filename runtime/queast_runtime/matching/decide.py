"""Ordered rules, first hit wins: which record stands for an entity of ours, or why nobody may say so yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, assert_never

from queast_compiler.plan.connection import MatchPlan
from queast_runtime.matching.keys import SHARED_DOMAINS, Keys

Rule = Literal["link", "external_id", "domain", "linkedin", "name"]
Why = Literal[
    "several records share the key",
    "the domain is shared by unrelated companies",
    "the record stands for another entity",
    "the record was rejected for this entity",
    "the record carries another entity's id",
    "only the name agrees",
    "only the profile address agrees",
    "no record, and the connection asks a person",
    "a person has begun to decide",
]


@dataclass(frozen=True, slots=True)
class Linked:
    """`partner_id` stands for the entity. `rule` and `evidence` (the key that agreed) become its provenance."""

    partner_id: str
    rule: Rule
    evidence: str


@dataclass(frozen=True, slots=True)
class NeedsReview:
    """A person must choose among `candidates`; nothing is written until then."""

    candidates: tuple[str, ...]
    rule: Rule | None
    reason: Why


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
class Candidates:
    """What store and mirror know. The tuples hold partner ids by exact key; `taken` maps those among them that are
    linked to another entity of ours (or claimed by one that is being created) to that entity's id; `marked` are those
    that carry an id of Queast's which is not this entity's, whoever wrote it there."""

    complete: bool
    linked: str | None
    external_id: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()
    linkedin: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    taken: Mapping[str, str] | None = None
    marked: frozenset[str] = frozenset()


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
            if keys.domain in SHARED_DOMAINS:
                return NeedsReview(known.domain, rule, "the domain is shared by unrelated companies")
            return _one(rule, keys.domain, known.domain, plan, known)
        case "linkedin":
            return NeedsReview(known.linkedin, rule, "only the profile address agrees") if known.linkedin else None
        case "name":
            return NeedsReview(known.name, rule, "only the name agrees") if known.name else None
        case _:
            assert_never(rule)


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
