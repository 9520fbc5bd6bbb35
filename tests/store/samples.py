"""Rows for the tests of the store: one valid value of each kind, changed by keyword."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from queast_runtime.ports.edge import Phase
from queast_runtime.ports.ledger import AttemptEnd, NewDelivery
from queast_runtime.ports.matches import BeforeImage, EnsuredBookmark, InboundReceipt, NewReview
from queast_runtime.ports.rows import Decision, Link, NewEvent

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SENT = AttemptEnd(Phase.BODY, None, 200, None)
DIGEST = "sha256:" + "0" * 64


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@dataclass
class FixedClock:
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


def event(**changes: Any) -> NewEvent:
    sample = NewEvent(
        source="queast",
        event_id="e1",
        type="queast.company.updated",
        entity="company",
        queast_id="c_1",
        sequence=1,
        decision=Decision.ADMITTED,
        reason=None,
        body=b'{"company": {"id": "c_1"}}',
        received_at=NOON,
    )
    return replace(sample, **changes)


def link(**changes: Any) -> Link:
    sample = Link(
        account="hub-1",
        object="companies",
        queast_id="c_1",
        partner_id="901",
        connection="hubspot-main",
        rule="domain",
        standing="established",
        evidence={"domain": "acme.example"},
        score=None,
        plan_digest=DIGEST,
        actor="engine",
        created_at=NOON,
        created_record=False,
    )
    return replace(sample, **changes)


def review(**changes: Any) -> NewReview:
    sample = NewReview(
        account="hub-1",
        object="companies",
        queast_id="c_1",
        connection="hubspot-main",
        entity="company",
        kind="match",
        rule="domain",
        score=None,
        subject={"name": "ACME"},
        mapping="acme-hubspot",
        plan_digest=DIGEST,
        reason="two records share the domain",
        candidates=({"partner_id": "901"}, {"partner_id": "902"}),
        event_source="queast",
        event_id="e1",
        created_at=NOON,
    )
    return replace(sample, **changes)


def image(**changes: Any) -> BeforeImage:
    sample = BeforeImage(
        delivery_id="d1",
        connection="hubspot-main",
        account="hub-1",
        object="companies",
        partner_id="901",
        queast_id="c_1",
        property="city",
        before="Oslo",
        written_hash="hash of Bergen",
        at=NOON,
    )
    return replace(sample, **changes)


def receipt(**changes: Any) -> InboundReceipt:
    sample = InboundReceipt(
        connection="highlights",
        message_id="msg_1",
        body_hash="hash of the body",
        outcome="waiting",
        company_id=None,
        review_id=None,
        received_at=NOON,
    )
    return replace(sample, **changes)


def bookmark(**changes: Any) -> EnsuredBookmark:
    sample = EnsuredBookmark(
        company_id="c_1",
        owner="ana",
        connection="highlights",
        message_id="msg_1",
        note="met at the fair",
        created_at=NOON,
    )
    return replace(sample, **changes)


def delivery(key: str = "d1", **changes: Any) -> NewDelivery:
    sample = NewDelivery(
        connection="hubspot-main",
        mapping="acme-hubspot",
        route="companies",
        plan_digest=DIGEST,
        dedupe_key=key,
        event_source="queast",
        event_id="e1",
        entity="company",
        queast_id="c_1",
        root="c_1",
        kind="upsert",
        object="companies",
        needs=(),
        body=b'{"name": "ACME"}',
        projection_key="c_1",
        projection_hash="h1",
        idempotency_key="msg_" + key,
        reference="c_1",
        created_at=NOON,
        due_at=NOON,
    )
    return replace(sample, **changes)
