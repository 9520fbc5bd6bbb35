"""Taking back what an answer about a call from outside did beside its bookmarks."""

from __future__ import annotations

from datetime import datetime

from queast_runtime.delivery.bookmarking import aside_in
from queast_runtime.ports.matches import Review
from queast_runtime.ports.store import Transaction


def unlink_sender(tx: Transaction, tenant: str, review: Review, actor: str, reason: str, at: datetime) -> bool:
    """Take down the link of the sender's record that the case's answer made; return whether there was one."""
    answer, aside = review.answer, aside_in(review.subject)
    if answer is None or answer.partner_id is None or aside.partner_id is None:
        return False
    link = tx.link(tenant, aside.account, aside.object, answer.partner_id)
    if link is None or link.rule != "review" or link.evidence.get("review") != review.id:
        return False
    return tx.remove_link(tenant, aside.account, aside.object, answer.partner_id, actor=actor, reason=reason, at=at)
