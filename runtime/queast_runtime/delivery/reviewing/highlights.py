"""What an answer about a call from outside does: bookmarks of our company, or nothing; and taking that back."""

from __future__ import annotations

from datetime import datetime

from queast_runtime.delivery.bookmarking import (
    LINK_ACCOUNT,
    LINK_OBJECT,
    accept_highlight,
    asked_in,
    ensure_all,
    refuse_highlight,
)
from queast_runtime.delivery.reviewing.outcomes import OnInbound
from queast_runtime.ports.bookmarks import Bookmarks
from queast_runtime.ports.matches import Review
from queast_runtime.ports.store import Transaction


def highlights(bookmarks: Bookmarks) -> OnInbound:
    """Return what ends a case of kind `inbound` in the transaction of its answer."""

    def end(tx: Transaction, tenant: str, review: Review, company_id: str | None) -> None:
        answer = review.answer
        if answer is None:
            raise ValueError(f"case {review.id} has no answer")
        if company_id is None:
            refuse_highlight(tx, tenant, review)
            return
        accept_highlight(tx, bookmarks, tenant, review, company_id, answer.actor, answer.at)
        # A case that was answered before, and taken back, has nothing that waits; its bookmarks are asked for all the
        # same. What was made a moment ago is there already.
        for receipt in tx.receipts_of_review(tenant, review.id):
            asked = asked_in(review.subject)
            ensure_all(tx, bookmarks, tenant, asked, company_id, receipt.connection, receipt.message_id, answer.at)

    return end


def unlink_sender(tx: Transaction, tenant: str, review: Review, actor: str, reason: str, at: datetime) -> bool:
    """Take down the link of the sender's record that the case's answer made; return whether there was one."""
    answer = review.answer
    account, object_ = review.subject.get(LINK_ACCOUNT), review.subject.get(LINK_OBJECT)
    if answer is None or answer.partner_id is None or not isinstance(account, str) or not isinstance(object_, str):
        return False
    link = tx.link(tenant, account, object_, answer.partner_id)
    if link is None or link.rule != "review" or link.evidence.get("review") != review.id:
        return False
    return tx.remove_link(tenant, account, object_, answer.partner_id, actor=actor, reason=reason, at=at)
