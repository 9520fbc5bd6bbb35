"""Looking at cases: what a person may see of a blind one, and why there is nothing to choose from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from queast_runtime.delivery.filling import TROUBLE
from queast_runtime.delivery.reviewing.outcomes import BLIND_SAMPLE, LINKED, is_blind, left
from queast_runtime.ports.ledger import OPEN_STATES, DeliveryFilter
from queast_runtime.ports.matches import Review
from queast_runtime.ports.store import Snapshot

_SEARCH: Final = "search before create"
_HIDDEN: Final = frozenset((LINKED, "score", "rule", "evidence"))


@dataclass(frozen=True, slots=True)
class NoCandidate:
    """Everything was looked through, and nothing fits."""


@dataclass(frozen=True, slots=True)
class LookupFailed:
    """The destination did not answer; `reason` is its word or ours."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotLookedUp:
    """The list of `object` is still being read: `records` so far."""

    object: str
    records: int


Empty = NoCandidate | LookupFailed | NotLookedUp


def shown(review: Review) -> Review:
    """Return a case as a person may see it: of a blind sample nothing of what the engine thought."""
    if not is_blind(review):
        return review
    candidates = tuple(
        {name: value for name, value in each.items() if name not in _HIDDEN} for each in review.candidates
    )
    return replace(review, candidates=candidates, score=None, rule=None, reason=BLIND_SAMPLE)


def empty_of(tx: Snapshot, tenant: str, review: Review) -> Empty | None:
    """Say why a case has no candidate; None where it has one."""
    if left(review):
        return None
    if review.kind == "inbound":
        # Queast's own companies are known from their events; nothing of them is still being read.
        return NoCandidate()
    trouble = tx.facts(tenant, review.connection).get(f"{TROUBLE}{review.object}", {})
    state = tx.mirror_state(tenant, review.account, review.object)
    if state is None or not state.complete:
        if trouble.get("failures"):
            return LookupFailed(str(trouble.get("reason") or "the list could not be read"))
        return NotLookedUp(review.object, tx.mirror_size(tenant, review.account, review.object))
    where = DeliveryFilter(
        connection=review.connection, states=tuple(OPEN_STATES), queast_id=review.queast_id, kinds=("upsert",)
    )
    for row in tx.deliveries(tenant, where, limit=10):
        if row.error_message is not None and row.error_message.startswith(_SEARCH):
            return LookupFailed(row.error_message)
    return NoCandidate()
