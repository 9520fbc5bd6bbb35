"""What is kept about matches that people judge, about values that we wrote, and about calls that came in.

As in `rows`: frozen, without the tenant, times aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from queast_runtime.ports.driver import JsonObject

# Queast's own companies are mirrored like a CRM's records, so that one index and one set of rules serve both ways.
# No account of a CRM has this name: those begin with a letter or digit.
OWN_ACCOUNT = "@queast"
OWN_COMPANIES = "companies"

ReviewKind = Literal["match", "sample", "inbound"]
Choice = Literal["link", "create", "reject", "skip", "unsure", "withdrawn"]
ReviewAction = Literal["opened", "answered", "put_off", "unsure", "changed", "undone"]


@dataclass(frozen=True, slots=True)
class NewReview:
    """A match that waits for a person. At most one of a kind is open for an entity on an account.

    `subject` is our side as the page shows it; each of `candidates` is `{"partner_id", "score", "rule", "name",
    "domain", "country", "city", "evidence": [{"rule", "ours", "theirs", "contribution", "verdict"}], "url"?}`. Both
    are sealed at rest.
    """

    account: str
    object: str
    queast_id: str
    connection: str
    entity: str
    kind: ReviewKind
    reason: str
    rule: str | None
    score: float | None
    subject: JsonObject
    candidates: tuple[JsonObject, ...]
    mapping: str
    plan_digest: str
    event_source: str
    event_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """`version` starts at 1 and rises with every change, so that nobody answers what they have not seen.

    `put_off_at` and `unsure_by` are set while an open review was sent to the end of the queue.
    """

    id: str
    account: str
    object: str
    queast_id: str
    connection: str
    entity: str
    kind: ReviewKind
    reason: str
    rule: str | None
    score: float | None
    subject: JsonObject
    candidates: tuple[JsonObject, ...]
    mapping: str
    plan_digest: str
    event_source: str
    event_id: str
    created_at: datetime
    version: int
    put_off_at: datetime | None
    unsure_by: str | None
    answer: ReviewAnswer | None


@dataclass(frozen=True, slots=True)
class ReviewAnswer:
    """What a person (or a later rule) decided. `partner_id` is set for `link`, and may be for `reject`.

    `skip` and `unsure` put the review off; the others end it. `role` is empty where no person answered. `note` is
    sealed at rest.
    """

    choice: Choice
    partner_id: str | None
    actor: str
    at: datetime
    role: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReviewStep:
    """A line of the append-only history of reviews. `answer` is set for `answered`, `put_off` and `unsure`."""

    number: int
    review_id: str
    action: ReviewAction
    answer: ReviewAnswer | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReviewCount:
    """`choice` is None for those that are open; `put_off` counts the open ones at the end of the queue."""

    connection: str
    kind: ReviewKind
    choice: Choice | None
    count: int
    put_off: int


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """Where a case stands among the open ones that a filter lets through: `position` counts from 1 and is None for one
    that is not among them; `previous` and `next` are ids."""

    position: int | None
    total: int
    previous: str | None
    next: str | None


class StaleVersion(Exception):
    """The review changed since it was read. `review` is how it stands now, with the answer that came first."""

    def __init__(self, review: Review) -> None:
        super().__init__(f"review {review.id} changed meanwhile: it is at version {review.version}; look at it again")
        self.review = review


class AnotherOpen(Exception):
    """A review cannot be opened again while `review`, of the same kind and entity, is open."""

    def __init__(self, review: Review) -> None:
        super().__init__(f"review {review.id} of the same entity is open; answer that one")
        self.review = review


@dataclass(frozen=True, slots=True)
class BeforeImage:
    """What a property held before we wrote it (`before`, sealed at rest; None for nothing), and a keyed hash of what
    we wrote: a value that still has this hash was not edited since, and may be put back."""

    delivery_id: str
    connection: str
    account: str
    object: str
    partner_id: str
    queast_id: str
    property: str
    before: Any
    written_hash: str
    at: datetime
    undone_at: datetime | None = None


ReceiptOutcome = Literal["bookmarked", "waiting", "unmatched", "ignored"]


@dataclass(frozen=True, slots=True)
class InboundReceipt:
    """A call that came in, by its id. `body_hash` tells a repeat from another body under the same id."""

    connection: str
    message_id: str
    body_hash: str
    outcome: ReceiptOutcome
    company_id: str | None
    review_id: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class EnsuredBookmark:
    """A bookmark that a call from outside asked for. One for each company and owner; `note` is sealed at rest."""

    company_id: str
    owner: str
    connection: str
    message_id: str
    note: str
    created_at: datetime
