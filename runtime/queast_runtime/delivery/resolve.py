"""Finds the record of one subject from links and mirror, and takes down what was found."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import assert_never

from queast_compiler.plan.connection import ConnectionPlan, MatchPlan
from queast_runtime.delivery.cases import case_of, provenance
from queast_runtime.delivery.mirror import CLAIM, claimed_record, own_card
from queast_runtime.delivery.naming import company_of, compare_cards, decide_by_name
from queast_runtime.delivery.our_words import our_words, their_card
from queast_runtime.delivery.reviewing.allowing import in_hand, may_create
from queast_runtime.delivery.reviewing.linking import open_sample
from queast_runtime.delivery.reviewing.verdicts import auto_link_health
from queast_runtime.delivery.reviewing.withdrawing import withdraw
from queast_runtime.delivery.steps import Place
from queast_runtime.engine.payload import Subject
from queast_runtime.matching.companies import Company
from queast_runtime.matching.decide import (
    Candidates,
    Linked,
    Match,
    NeedsReview,
    NotLookedUp,
    Scored,
    Unmatched,
    Why,
    against_domain,
    decide,
)
from queast_runtime.matching.evidence import Evidence
from queast_runtime.matching.fuzzy import FuzzyLinked, FuzzyReview, Judged, NoCandidate, Thresholds, thresholds_of
from queast_runtime.matching.health import Tripped
from queast_runtime.matching.sampling import is_sampled
from queast_runtime.matching.standing import standing_of
from queast_runtime.ports.ledger import Taken
from queast_runtime.ports.rows import Link, LinkTaken, MirrorCard, PairRejected
from queast_runtime.ports.store import Transaction


def find(tx: Transaction, place: Place, subject: Subject, match: MatchPlan | None) -> Match:
    """Decide anew from what is stored now; whatever was decided earlier may have been overtaken."""
    tenant, account, object_ = place.tenant, place.account, subject.object
    link = tx.link(tenant, account, object_, subject.keys.external_id)
    if link is not None:
        return Linked(link.partner_id, "link", "stored")
    if match is None:
        return Unmatched("skip")
    question = in_hand(tx, tenant, account, object_, subject.keys.external_id)
    if question is not None:
        return question
    state = tx.mirror_state(tenant, account, object_)
    if state is None or not state.complete:
        return NotLookedUp(object_)
    keys = subject.keys
    ours = _our_side(tx, tenant, subject)
    thresholds = None if match.name is None else thresholds_of(match.name)
    wanted = {"external_id": keys.external_id, "domain": keys.domain, "linkedin": keys.linkedin, "name": keys.name}
    rejected = tx.rejections(tenant, account, object_, keys.external_id)
    found: dict[str, tuple[str, ...]] = {}
    for kind, value in wanted.items():
        if value is not None and kind in match.order:
            everybody = _others(tx.mirror_find(tenant, account, object_, kind, value), keys.external_id)
            theirs = (one for one in everybody if not our_words(tx, place, object_, one)(kind, value))
            found[kind] = tuple(one for one in theirs if one not in rejected)
    carrying = tx.mirror_find(tenant, account, object_, "external_id", keys.external_id)
    disowned = tuple(one for one in carrying if one in rejected)
    if disowned and not found.get("external_id"):
        # A create by our own id would end in that record.
        return NeedsReview(disowned, "external_id", "a record that was rejected for this entity still carries our id")
    everyone = {partner_id for ids in found.values() for partner_id in ids}
    known = Candidates(
        complete=True,
        linked=None,
        external_id=found.get("external_id", ()),
        domain=found.get("domain", ()),
        linkedin=found.get("linkedin", ()),
        name=found.get("name", ()),
        taken=_taken(tx, place, object_, everyone),
        marked=frozenset(one for one in everyone if marked(tx, place, subject, one)),
        compared=None if ours is None else partial(_compared, tx, place, object_, ours, thresholds or Thresholds()),
    )
    if ours is not None and thresholds is not None:
        exact = found.get("name", ())
        known = replace(known, by_name=partial(_scored, tx, place, subject, ours, thresholds, rejected, exact))
    return as_answered(tx, place, subject, decide(match, keys, known))


def _our_side(tx: Transaction, tenant: str, subject: Subject) -> Company | None:
    """Return our company as its latest state has it; None for what is no company, or is not known whole."""
    card = own_card(tx, tenant, subject)
    return None if card is None else company_of(card)


def _scored(
    tx: Transaction,
    place: Place,
    subject: Subject,
    ours: Company,
    thresholds: Thresholds,
    rejected: frozenset[str],
    exact: tuple[str, ...],
) -> Scored:
    def theirs(partner_id: str, card: MirrorCard) -> MirrorCard:
        return their_card(card, our_words(tx, place, subject.object, partner_id))

    fuzzy = decide_by_name(tx, place.tenant, place.account, subject.object, ours, thresholds, rejected, exact, theirs)
    match fuzzy:
        case FuzzyLinked(judged=best):
            found = {best.record}
        case FuzzyReview(candidates=judged):
            found = {each.record for each in judged}
        case NoCandidate():
            found = set()
        case _:
            assert_never(fuzzy)
    return Scored(
        fuzzy,
        _taken(tx, place, subject.object, found),
        frozenset(one for one in found if marked(tx, place, subject, one)),
    )


def _compared(
    tx: Transaction, place: Place, object_: str, ours: Company, thresholds: Thresholds, partner_id: str
) -> tuple[Evidence, ...]:
    card = tx.mirror_card(place.tenant, place.account, object_, partner_id)
    theirs = None if card is None else their_card(card, our_words(tx, place, object_, partner_id))
    return compare_cards(ours, theirs, thresholds)


def as_answered(tx: Transaction, place: Place, subject: Subject, found: Match) -> Match:
    """Let a person's word to create a record stand, unless another entity of ours is about to make it."""
    match found:
        case NotLookedUp() | Unmatched(action="create"):
            return found
        case Linked() if standing_of(found.rule) == "established":
            return found
        case NeedsReview() if _claims(found):
            return found
        case Linked() | NeedsReview() | Unmatched():
            ours = subject.keys.external_id
            return Unmatched("create") if may_create(tx, place.tenant, place.account, subject.object, ours) else found
        case _:
            assert_never(found)


def take_down(tx: Transaction, place: Place, subject: Subject, taken: Taken, found: Match, now: datetime) -> Match:
    """Store the link or the review that `found` calls for; a link that the database refuses becomes a review."""
    match found:
        case Linked(rule="link") | NotLookedUp() | Unmatched():
            return found
        case Linked():
            held = held_back(tx, place, subject, found, now)
            if held is not None:
                put_review(tx, place, subject, taken, held, now, would_link=found.partner_id)
                return held
            return link(tx, place, subject, taken, found, now, created=False)
        case NeedsReview():
            if not _claims(found):
                put_review(tx, place, subject, taken, found, now)
            return found
        case _:
            assert_never(found)


def link(
    tx: Transaction, place: Place, subject: Subject, taken: Taken, found: Linked, now: datetime, *, created: bool
) -> Linked | NeedsReview:
    """Store a link with where it came from, and wake what waits for it."""
    ours = subject.keys.external_id
    rule = "created" if created else found.rule
    row = Link(
        account=place.account,
        object=subject.object,
        queast_id=ours,
        partner_id=found.partner_id,
        connection=place.name,
        rule=rule,
        standing=standing_of(rule),
        evidence=provenance(found, taken.delivery.event_id),
        score=None if found.judged is None else found.judged.score,
        plan_digest=taken.delivery.plan_digest,
        actor="engine",
        created_at=now,
        created_record=created,
    )
    why: Why
    try:
        tx.put_link(place.tenant, row)
    except LinkTaken as other:
        candidates, why = (other.partner_id,), "the record stands for another entity"
    except PairRejected as no:
        candidates, why = (no.partner_id,), "the record was rejected for this entity"
    else:
        drop_claim(tx, place, subject, now)
        tx.wake(place.tenant, place.name, subject.need, now)
        asked = (place.account, subject.object, ours)
        withdraw(tx, place.tenant, asked, f"linked by {rule}", now, partner_id=found.partner_id)
        if row.standing == "inferred" and is_sampled(place.tenant, ours, found.partner_id, place.hash_key):
            open_sample(tx, place.tenant, row, case_of(tx, place, subject, taken, _asked_about(found), now))
        return found
    stopped = NeedsReview(candidates, found.rule, why)
    put_review(tx, place, subject, taken, stopped, now)
    return stopped


def held_back(tx: Transaction, place: Place, subject: Subject, found: Linked, now: datetime) -> NeedsReview | None:
    """Return the question to a person that stands in for an inferred link which may not be made now (D3.4)."""
    if standing_of(found.rule) != "inferred":
        return None
    judged = () if found.judged is None else (found.judged,)
    match = place.match(subject.object)
    name = None if match is None else match.name
    until = None if name is None or found.rule != "name" else name.granted_until
    why: Why
    if until is not None and now.date().isoformat() >= until:
        why = "it would have been linked, but the grant for so low a threshold ended"
        return NeedsReview((found.partner_id,), found.rule, why, judged)
    if isinstance(auto_link_health(tx, place.tenant, place.name, now), Tripped):
        why = "it would have been linked, but linking by name is paused"
        return NeedsReview((found.partner_id,), found.rule, why, judged)
    return None


def put_review(
    tx: Transaction,
    place: Place,
    subject: Subject,
    taken: Taken,
    found: NeedsReview,
    now: datetime,
    would_link: str | None = None,
) -> None:
    """Open the case of what a person must decide. `would_link` is the record that the engine would have linked."""
    drop_claim(tx, place, subject, now)
    tx.put_review(place.tenant, case_of(tx, place, subject, taken, found, now, would_link))


def claim(tx: Transaction, place: Place, subject: Subject) -> None:
    """Hold the domain for the record that is about to be created.

    Without it two of our companies that share a domain would both find no record and both be created, or one or the
    other by chance of who is retried. The claim is committed before the send and outlives the process.
    """
    if subject.keys.domain is not None:
        holder = claimed_record(f"{CLAIM}{subject.keys.external_id}", subject.keys)
        tx.put_mirror_record(place.tenant, place.account, subject.object, holder)


def drop_claim(tx: Transaction, place: Place, subject: Subject, now: datetime) -> None:
    """Let go of the domain, and wake the companies that waited to see what becomes of it."""
    release_claim(tx, place.tenant, place.connection, subject.object, subject.keys.external_id, now)


def release_claim(
    tx: Transaction, tenant: str, connection: ConnectionPlan, object_: str, queast_id: str, now: datetime
) -> None:
    name = f"{CLAIM}{queast_id}"
    if tx.remove_mirror_record(tenant, connection.account, object_, name):
        tx.wake(tenant, connection.connection, _claim_need(object_, name), now)


def against_found(
    tx: Transaction, place: Place, subject: Subject, taken: Taken, found: Linked, card: MirrorCard | None, now: datetime
) -> NeedsReview | None:
    """Open the case of a record that the destination's own search found by its domain, where its `card` speaks against
    it; None where it may be linked."""
    ours = _our_side(tx, place.tenant, subject) if found.rule == "domain" else None
    if ours is None:
        return None
    match = place.match(subject.object)
    thresholds = Thresholds() if match is None or match.name is None else thresholds_of(match.name)
    evidence = compare_cards(ours, card, thresholds)
    against = against_domain(evidence)
    if against is None:
        return None
    review = NeedsReview((found.partner_id,), "domain", against, (Judged(found.partner_id, 1.0, evidence),))
    put_review(tx, place, subject, taken, review, now)
    return review


def _asked_about(found: Linked) -> NeedsReview:
    """The link that was just made, as a question about it and the records that came next: one alone would tell."""
    if found.judged is None:
        return NeedsReview((found.partner_id,), found.rule, "only the name agrees")
    judged = (found.judged, *found.others)
    return NeedsReview(tuple(each.record for each in judged), found.rule, "only the name agrees", judged)


def waits_for(subject: Subject, found: NeedsReview) -> tuple[str, ...]:
    """A person; or, where another company of ours is about to create the record, what becomes of that."""
    claims = _claims(found)
    return tuple(_claim_need(subject.object, name) for name in claims) or (review_need(subject),)


def review_need(subject: Subject) -> str:
    return f"review:{subject.object}:{subject.keys.external_id}"


def _claim_need(object_: str, name: str) -> str:
    return f"{CLAIM}{object_}:{name.removeprefix(CLAIM)}"


def _claims(found: NeedsReview) -> tuple[str, ...]:
    """The candidates, where none of them is a record yet."""
    return found.candidates if all(one.startswith(CLAIM) for one in found.candidates) else ()


def marked(tx: Transaction, place: Place, subject: Subject, partner_id: str) -> bool:
    """Whether the record, as the mirror knows it, carries the id of another entity of ours. One that stands there only
    since a link that was taken down says nothing."""
    is_ours = our_words(tx, place, subject.object, partner_id)
    known = tx.mirror_keys(place.tenant, place.account, subject.object, partner_id, "external_id")
    theirs = [one for one in known if not is_ours("external_id", one)]
    return bool(theirs) and subject.keys.external_id not in theirs


def _others(found: tuple[str, ...], ours: str) -> tuple[str, ...]:
    return tuple(partner_id for partner_id in found if partner_id != f"{CLAIM}{ours}")


def _taken(tx: Transaction, place: Place, object_: str, partner_ids: set[str]) -> dict[str, str]:
    taken: dict[str, str] = {}
    for partner_id in partner_ids:
        if partner_id.startswith(CLAIM):
            taken[partner_id] = partner_id.removeprefix(CLAIM)
        elif (other := tx.link_to(place.tenant, place.account, object_, partner_id)) is not None:
            taken[partner_id] = other.queast_id
    return taken
