"""What matching must know of people's answers: who decides, and whether a new record may be made."""

from __future__ import annotations

from queast_runtime.delivery.reviewing.outcomes import left
from queast_runtime.matching.decide import NeedsReview
from queast_runtime.ports.store import Snapshot


def in_hand(tx: Snapshot, tenant: str, account: str, object: str, queast_id: str) -> NeedsReview | None:
    """Return the question that is a person's by now: an open case that somebody answered in part, put off or took up
    again. Our own id may stand in a record that a person has just found to be the wrong one, so no rule decides it."""
    case = tx.open_review(tenant, account, object, queast_id)
    if case is None or case.version == 1:
        return None
    candidates = tuple(str(each["partner_id"]) for each in left(case))
    return NeedsReview(candidates, None, "a person has begun to decide")


def may_create(tx: Snapshot, tenant: str, account: str, object: str, queast_id: str) -> bool:
    """Whether a person's newest answer is that a record is to be made, and none was linked since.

    Once: a record that was made and is gone again is asked about anew.
    """
    kinds = (
        tx.last_answer(tenant, account, object, queast_id, "match"),
        tx.last_answer(tenant, account, object, queast_id, "sample"),
    )
    newest = max((each for each in kinds if each is not None), key=lambda each: each.at, default=None)
    if newest is None or newest.choice != "create":
        return False
    history = tx.link_history(tenant, account, object, queast_id)
    return not any(change.action == "linked" and change.at >= newest.at for change in history)
