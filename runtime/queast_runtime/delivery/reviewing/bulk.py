"""One answer to many cases: shown before it is given, at most a hundred at once, each case for itself.

Accepting in bulk takes the only candidate that is left; a case with several is left to a person's eye, and so is every
blind sample: judged in a row, they would not be judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from queast_runtime.delivery.bookmarking import may_link_sender, record_of_sender, told
from queast_runtime.delivery.reviewing.answering import answering_in
from queast_runtime.delivery.reviewing.fitting import Answer, refusal
from queast_runtime.delivery.reviewing.outcomes import (
    Choice,
    Done,
    OnInbound,
    Outcome,
    Refused,
    Reviewer,
    Stale,
    Unknown,
    left,
)
from queast_runtime.ports.matches import Review
from queast_runtime.ports.store import Snapshot, Store

BULK_CAP: Final = 100


@dataclass(frozen=True, slots=True)
class Pick:
    """A case as somebody saw it."""

    review_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Planned:
    """What would come of one case: `effect`, or the outcome that says why nothing would."""

    pick: Pick
    review: Review | None
    partner_id: str | None
    effect: str
    not_done: Stale | Refused | Unknown | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a bulk answer would do; nothing was written."""

    choice: Choice
    cases: tuple[Planned, ...]

    @property
    def would(self) -> int:
        return sum(each.not_done is None for each in self.cases)

    @property
    def would_not(self) -> int:
        return len(self.cases) - self.would


@dataclass(frozen=True, slots=True)
class Report:
    """What came of each case, in the order in which they were picked."""

    choice: Choice
    cases: tuple[tuple[Pick, Outcome], ...]

    @property
    def done(self) -> int:
        return sum(isinstance(outcome, Done) for _, outcome in self.cases)


def bulk_preview(tx: Snapshot, tenant: str, picks: Sequence[Pick], choice: Choice) -> Preview | Refused:
    """Say for each case what the answer would do."""
    against = _too_many(picks)
    if against is not None:
        return against
    return Preview(choice, tuple(_planned(tx, tenant, pick, choice) for pick in picks))


def bulk(
    store: Store,
    tenant: str,
    picks: Sequence[Pick],
    choice: Choice,
    by: Reviewer,
    now: datetime,
    on_inbound: OnInbound | None = None,
    note: str = "",
) -> Report | Refused:
    """Answer each case in a transaction of its own: one that is refused or stale leaves the others done."""
    against = _too_many(picks)
    if against is not None:
        return against
    made: list[tuple[Pick, Outcome]] = []
    for pick in picks:
        with store.read() as view:
            planned = _planned(view, tenant, pick, choice)
        if planned.not_done is not None:
            made.append((pick, planned.not_done))
            continue
        asked = Answer(pick.review_id, pick.version, choice, planned.partner_id, note)
        made.append((pick, answering_in(store, tenant, asked, by, now, on_inbound)))
    return Report(choice, tuple(made))


def _too_many(picks: Sequence[Pick]) -> Refused | None:
    if len(picks) > BULK_CAP:
        return Refused(f"{len(picks):,} cases are more than {BULK_CAP} at once", "choose fewer")
    twice = [review_id for review_id, count in Counter(pick.review_id for pick in picks).items() if count > 1]
    if twice:
        return Refused(f"case {twice[0]} is chosen twice", "name each case once")
    return None


def _planned(tx: Snapshot, tenant: str, pick: Pick, choice: Choice) -> Planned:
    review = tx.review(tenant, pick.review_id)
    if review is None:
        return Planned(pick, None, None, "", Unknown())
    if review.version != pick.version or review.answer is not None:
        return Planned(pick, review, None, "", Stale(review))
    if review.kind == "sample" and choice not in ("skip", "unsure"):
        sample = Refused("it is a blind sample", "answer it for itself")
        return Planned(pick, review, None, "", sample)
    candidates = left(review)
    only = str(candidates[0]["partner_id"]) if choice == "link" and len(candidates) == 1 else None
    against = refusal(tx, tenant, review, Answer(pick.review_id, pick.version, choice, only))
    effect = "" if against is not None else _effect(review, choice, only, len(candidates))
    if against is None and choice == "link" and review.kind == "inbound" and only is not None:
        linked = may_link_sender(tx, tenant, review, only)
        effect = told(only, record_of_sender(review) if linked else None)
    return Planned(pick, review, only, effect, against)


def _effect(review: Review, choice: Choice, only: str | None, candidates: int) -> str:
    match choice:
        case "link":
            return f"{review.queast_id} is linked to {review.object} {only}"
        case "reject":
            many = "its candidate is" if candidates == 1 else f"its {candidates} candidates are"
            return f"{many} rejected, and remembered" if candidates else "it ends, and is matched anew"
        case "create":
            return f"a new record may be made for {review.queast_id}, once"
        case "skip" | "unsure":
            return "it goes to the end of the queue"
        case _:
            assert_never(choice)
