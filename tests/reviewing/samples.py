"""Cases and people that the tests of reviewing share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from queast_runtime.delivery.reviewing.outcomes import Reviewer
from queast_runtime.ports.matches import NewReview, Review, ReviewAnswer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANNA = Reviewer("anna", "reviewer")
BEN = Reviewer("ben", "tenant_admin")
SUBJECT = {"name": "Nordic Data AS", "domain": "nordicdata.no", "country": "NO", "city": "Oslo"}


def line(rule: str, verdict: str = "agrees", contribution: float | None = 0.3, **values: Any) -> dict[str, Any]:
    return {"rule": rule, "ours": None, "theirs": None, "contribution": contribution, "verdict": verdict, **values}


def candidate(partner_id: str, score: float | None = None, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "partner_id": partner_id,
        "score": score,
        "rule": "name",
        "name": "Nordic Datas AS",
        "domain": None,
        "country": "NO",
        "city": "Bergen",
        "evidence": [
            line("name", contribution=score, ours="nordic data", theirs="nordic datas"),
            line("country", contribution=0.1, ours="NO", theirs="NO"),
        ],
    }
    return {**values, **changes}


def new_review(*candidates: dict[str, Any], **changes: Any) -> NewReview:
    values: dict[str, Any] = {
        "account": "1",
        "object": "companies",
        "queast_id": "c_1",
        "connection": "crm",
        "entity": "company",
        "kind": "match",
        "reason": "only the name agrees",
        "rule": "name",
        "score": None,
        "subject": SUBJECT,
        "candidates": candidates,
        "mapping": "acme-crm",
        "plan_digest": "sha256:0",
        "event_source": "queast",
        "event_id": "e_1",
        "created_at": NOON,
        **changes,
    }
    return NewReview(**values)


def review(*candidates: dict[str, Any], answer: ReviewAnswer | None = None, **changes: Any) -> Review:
    new = new_review(*candidates, **changes)
    fields = {name: getattr(new, name) for name in NewReview.__slots__}
    return Review(id="r_1", version=1, put_off_at=None, unsure_by=None, answer=answer, **fields)


def answered(choice: Any, partner_id: str | None = None) -> ReviewAnswer:
    return ReviewAnswer(choice, partner_id, "anna", NOON, "reviewer")
