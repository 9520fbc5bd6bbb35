"""Taking a link down by hand, and opening the blind sample about one that the engine made.

A link that a person takes down is an answer like any other: kept as a case, remembered as a rejection so that no rule
makes it again, counted where the engine had made it, and taken back by undoing the case.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from queast_runtime.delivery.reviewing.answering import answer
from queast_runtime.delivery.reviewing.fitting import NOTE_LENGTH, Answer, too_long
from queast_runtime.delivery.reviewing.outcomes import (
    BLIND_SAMPLE,
    LINKED,
    UNLINKED_BY_HAND,
    Outcome,
    Refused,
    Reviewer,
    Stale,
    Unknown,
)
from queast_runtime.ports.driver import JsonObject
from queast_runtime.ports.ledger import DeliveryFilter
from queast_runtime.ports.matches import NewReview, StaleVersion
from queast_runtime.ports.rows import Link, MirrorCard, PairLinked
from queast_runtime.ports.store import Snapshot, Store, Transaction

_LAST_OF: Final = 1_000
_ENTITIES: Final = ("company", "person")
_SHOWN: Final = ("name", "domain", "country", "city", "website_url")
_CARD: Final = ("name", "domain", "country", "city")


@dataclass(frozen=True, slots=True)
class Down:
    """`partner_id` is the record as the person saw it: a link that names another by now is left alone."""

    account: str
    object: str
    queast_id: str
    partner_id: str
    note: str = ""


def unlink(tx: Transaction, tenant: str, down: Down, by: Reviewer, now: datetime) -> Outcome:
    """Take a link down. `Done.link` is what went, for whoever wants its untouched writes reverted."""
    link = tx.link(tenant, down.account, down.object, down.queast_id)
    if link is None:
        return Unknown()
    if link.partner_id != down.partner_id:
        return Refused(
            f"{down.queast_id} is linked to {link.object} {link.partner_id} by now, not to {down.partner_id}",
            "look at the link again",
        )
    if len(down.note) > NOTE_LENGTH:
        return too_long(down.note)
    case = tx.open_review(tenant, link.account, link.object, link.queast_id, "sample")
    if case is None:
        case = tx.review(tenant, tx.put_review(tenant, _case_of(tx, tenant, link, now)))
    if case is None:
        raise RuntimeError("a case that was just opened is not there")
    if link.partner_id not in {each["partner_id"] for each in case.candidates}:
        case = tx.change_review(
            tenant,
            case.id,
            case.version,
            reason=case.reason,
            candidates=(*case.candidates, _candidate(tx, tenant, link)),
            actor=by.actor,
            at=now,
        )
    asked = Answer(case.id, case.version, "reject", link.partner_id, down.note)
    return answer(tx, tenant, asked, by, now)


def unlinking_in(store: Store, tenant: str, down: Down, by: Reviewer, now: datetime) -> Outcome:
    """Take a link down in a transaction of its own."""
    try:
        with store.transaction() as tx:
            return unlink(tx, tenant, down, by, now)
    except StaleVersion as error:
        return Stale(error.review)
    except PairLinked as error:
        return Refused(str(error), "look at the link again")


def open_sample(tx: Transaction, tenant: str, link: Link, new: NewReview) -> str:
    """Open the blind sample about a link that the engine just made; return the case's id.

    `new` is the case as matching would have opened it, with every candidate. Which of them was linked is marked for
    later, and they are put in an order that says nothing about it.
    """
    candidates = [{**each, LINKED: True} if each["partner_id"] == link.partner_id else each for each in new.candidates]
    if not any(LINKED in each for each in candidates):
        candidates.append(_candidate(tx, tenant, link))
    candidates.sort(key=lambda each: str(each["partner_id"]))
    return tx.put_review(tenant, replace(new, kind="sample", reason=BLIND_SAMPLE, candidates=tuple(candidates)))


def subject_of(tx: Snapshot, tenant: str, entity: str, queast_id: str) -> JsonObject:
    """Return what a case shows of an entity of ours, from its latest state; nothing of persons."""
    row = tx.entity(tenant, entity, queast_id) if entity == "company" else None
    if row is None or row.state is None:
        return {}
    state = json.loads(row.state)
    return {name: state[name] for name in _SHOWN if isinstance(state.get(name), str)}


def _case_of(tx: Transaction, tenant: str, link: Link, now: datetime) -> NewReview:
    entity = next((each for each in _ENTITIES if tx.entity(tenant, each, link.queast_id) is not None), "company")
    where = DeliveryFilter(connection=link.connection, kinds=("upsert",), queast_id=link.queast_id)
    last = next(reversed(tx.deliveries(tenant, where, limit=_LAST_OF)), None)
    return NewReview(
        account=link.account,
        object=link.object,
        queast_id=link.queast_id,
        connection=link.connection,
        entity=entity,
        kind="sample",
        reason=UNLINKED_BY_HAND,
        rule=link.rule,
        score=link.score,
        subject=subject_of(tx, tenant, entity, link.queast_id),
        candidates=(_candidate(tx, tenant, link),),
        mapping="" if last is None else last.mapping,
        plan_digest=link.plan_digest,
        event_source="" if last is None else last.event_source,
        event_id="" if last is None else last.event_id,
        created_at=now,
    )


def _candidate(tx: Snapshot, tenant: str, link: Link) -> JsonObject:
    card = tx.mirror_card(tenant, link.account, link.object, link.partner_id) or MirrorCard()
    lines = link.evidence.get("lines")
    made: JsonObject = {
        "partner_id": link.partner_id,
        "score": link.score,
        "rule": link.rule,
        **{name: getattr(card, name) for name in _CARD},
        "evidence": lines if isinstance(lines, list) else [],
    }
    return {**made, LINKED: True} if link.standing == "inferred" else made
