"""What a case shows a person of both sides, and what a link keeps of why it was made."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.delivery.mirror import CLAIM
from queast_runtime.delivery.reviewing.linking import subject_of
from queast_runtime.delivery.reviewing.outcomes import LINKED
from queast_runtime.delivery.steps import Place
from queast_runtime.engine.payload import Subject
from queast_runtime.matching.decide import Linked, NeedsReview
from queast_runtime.ports.driver import JsonObject
from queast_runtime.ports.ledger import Taken
from queast_runtime.ports.matches import NewReview
from queast_runtime.ports.rows import MirrorCard
from queast_runtime.ports.store import Transaction


def provenance(found: Linked, event_id: str) -> JsonObject:
    """Return a link's evidence: its rule, the event that asked for it and, where records were compared, each line."""
    kept: JsonObject = {"rule": found.rule, "event": event_id}
    if found.judged is not None:
        kept["lines"] = [line.as_json() for line in found.judged.evidence]
    return kept


def case_of(
    tx: Transaction,
    place: Place,
    subject: Subject,
    taken: Taken,
    found: NeedsReview,
    now: datetime,
    would_link: str | None = None,
) -> NewReview:
    """Return the case of a match that a person must decide, best candidate first. What is only about to be created is
    no candidate."""
    ours = subject.keys.external_id
    records = [one for one in found.candidates if not one.startswith(CLAIM)]
    shown = subject_of(tx, place.tenant, subject.entity, ours)
    if not shown and subject.entity == "company":
        known = {"name": subject.keys.name, "domain": subject.keys.domain}
        shown = {name: value for name, value in known.items() if value is not None}
    return NewReview(
        account=place.account,
        object=subject.object,
        queast_id=ours,
        connection=place.name,
        entity=subject.entity,
        kind="match",
        reason=found.reason,
        rule=found.rule,
        score=found.judged[0].score if found.judged else None,
        subject=shown,
        candidates=_candidates(tx, place, subject.object, records, found, would_link),
        mapping=taken.delivery.mapping,
        plan_digest=place.digest,
        event_source=taken.delivery.event_source,
        event_id=taken.delivery.event_id,
        created_at=now,
    )


def _candidates(
    tx: Transaction, place: Place, object_: str, records: list[str], found: NeedsReview, would_link: str | None
) -> tuple[JsonObject, ...]:
    cards = tx.mirror_cards(place.tenant, place.account, object_, records)
    judged = {each.record: each for each in found.judged}
    made: list[JsonObject] = []
    for one in records:
        card = cards.get(one, MirrorCard())
        scored = judged.get(one)
        shown: JsonObject = {
            "partner_id": one,
            "rule": found.rule,
            "score": None if scored is None else round(scored.score, 4),
            "name": card.name,
            "domain": card.domain,
            "country": card.country,
            "city": card.city,
            **_address(place.connection, object_, one),
            "evidence": [] if scored is None else [line.as_json() for line in scored.evidence],
        }
        made.append({**shown, LINKED: True} if one == would_link else shown)
    return tuple(made)


def _address(connection: ConnectionPlan, object_: str, partner_id: str) -> JsonObject:
    """Return where a person opens the record, nothing where the connector does not say."""
    page = connection.manifest.get("objects", {}).get(object_, {}).get("page")
    if page is None:
        return {}
    at = {"{account}": connection.account, "{partner_id}": partner_id}
    for name, value in at.items():
        page = page.replace(name, quote(value, safe=""))
    return {"url": page}
