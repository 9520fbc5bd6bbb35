"""How reviewing goes: what is open, what was answered and how fast, and how far the engine can be believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

from queast_runtime.delivery.reviewing.outcomes import BLIND_SAMPLE, UNLINKED_BY_HAND
from queast_runtime.delivery.reviewing.verdicts import verdict
from queast_runtime.matching.calibration import Band, Judged, bands
from queast_runtime.matching.confidence import Share, share
from queast_runtime.ports.matches import Review, ReviewKind
from queast_runtime.ports.store import Snapshot

# So many newest answers make the medians and shares.
COUNTED: Final = 5_000


@dataclass(frozen=True, slots=True)
class OpenCount:
    connection: str
    kind: ReviewKind
    open: int
    put_off: int


@dataclass(frozen=True, slots=True)
class Stats:
    """`answered` by choice. `median_s` is the median from opening to answer in seconds, None without answers. `blind`
    counts the blind samples in which the person said what the engine had said. `bands` tell how often the candidate
    with the best score was the right one, by its score."""

    open: tuple[OpenCount, ...]
    answered: Mapping[str, int]
    median_s: float | None
    blind: Share
    bands: tuple[Band, ...]


def stats(tx: Snapshot, tenant: str, connection: str | None = None, kind: ReviewKind | None = None) -> Stats:
    """Return the figures of a tenant's cases, or of those of one connection or kind."""
    counts = [
        each for each in tx.review_counts(tenant) if connection in (None, each.connection) and kind in (None, each.kind)
    ]
    by_choice: Counter[str] = Counter()
    for each in counts:
        if each.choice not in (None, "withdrawn"):
            by_choice[each.choice] += each.count
    answered = tx.answered_reviews(tenant, connection=connection, kind=kind, limit=COUNTED)
    times = [
        (review.answer.at - review.created_at).total_seconds()
        for review in answered
        if review.answer is not None and review.answer.role and review.reason != UNLINKED_BY_HAND
    ]
    verdicts = [right for each in answered if each.reason == BLIND_SAMPLE and (right := verdict(each)) is not None]
    return Stats(
        open=tuple(
            OpenCount(each.connection, each.kind, each.count, each.put_off) for each in counts if each.choice is None
        ),
        answered=dict(sorted(by_choice.items())),
        median_s=median(times) if times else None,
        blind=share(sum(verdicts), len(verdicts)),
        bands=bands([each for each in map(_judged, answered) if each is not None]),
    )


def _judged(review: Review) -> Judged | None:
    scored = [each for each in review.candidates if isinstance(each.get("score"), int | float)]
    answer = review.answer
    if not scored or answer is None or review.kind == "inbound" or answer.choice not in ("link", "reject", "create"):
        return None
    best = max(scored, key=lambda each: (float(each["score"]), str(each["partner_id"])))
    return Judged(float(best["score"]), answer.choice == "link" and answer.partner_id == best["partner_id"])
