"""Taking back a question that nobody has to answer any more: a rule linked the entity, or it may not be linked."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from queast_runtime.delivery.reviewing.following import wake
from queast_runtime.ports.matches import ReviewAnswer, ReviewKind
from queast_runtime.ports.store import Transaction

WITHDRAWN_BY: Final = "engine"


def withdraw(
    tx: Transaction,
    tenant: str,
    entity: tuple[str, str, str],
    why: str,
    now: datetime,
    *,
    partner_id: str | None = None,
    kinds: tuple[ReviewKind, ...] = ("match",),
) -> int:
    """End the open cases of an entity (account, object, our id) without a person's word; return how many.

    What waited for the answer goes on. `partner_id` is the record that a rule linked, `why` is kept as the note.
    """
    cases = [each for kind in kinds if (each := tx.open_review(tenant, *entity, kind)) is not None]
    for case in cases:
        given = ReviewAnswer("withdrawn", partner_id, WITHDRAWN_BY, now, note=why)
        wake(tx, tenant, tx.answer_review(tenant, case.id, case.version, given), now)
    return len(cases)
