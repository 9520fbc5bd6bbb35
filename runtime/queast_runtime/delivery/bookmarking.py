"""What highlights that waited for a person become once somebody answered: bookmarks, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from queast_runtime.ports.bookmarks import Bookmarks
from queast_runtime.ports.driver import JsonObject
from queast_runtime.ports.matches import EnsuredBookmark, Review
from queast_runtime.ports.rows import Link, LinkTaken, PairRejected
from queast_runtime.ports.store import Transaction

# Keys of an inbound review's subject that are for us, not for the page.
ASKED: Final = "asked"
PARTNER: Final = "partner_id"
LINK_ACCOUNT: Final = "link_account"
LINK_OBJECT: Final = "link_object"


@dataclass(frozen=True, slots=True)
class Asked:
    """One bookmark that a message asks for. `owner` is `team:sales` or `user:anna@acme.example`."""

    owner: str
    note: str


def asked_as_json(asked: Iterable[Asked]) -> list[JsonObject]:
    return [{"owner": each.owner, "note": each.note} for each in asked]


def asked_in(subject: Mapping[str, Any]) -> tuple[Asked, ...]:
    """Return what a review's subject says was asked for."""
    return tuple(Asked(each["owner"], each["note"]) for each in subject.get(ASKED, ()))


def ensure_all(
    tx: Transaction,
    bookmarks: Bookmarks,
    tenant: str,
    asked: Iterable[Asked],
    company_id: str,
    connection: str,
    message_id: str,
    now: datetime,
) -> int:
    """See to every bookmark asked for; return how many are new."""
    return sum(
        bookmarks.ensure(tx, tenant, EnsuredBookmark(company_id, each.owner, connection, message_id, each.note, now))
        for each in asked
    )


def accept_highlight(
    tx: Transaction, bookmarks: Bookmarks, tenant: str, review: Review, company_id: str, actor: str, now: datetime
) -> int:
    """A person said which company an inbound review is about: make its bookmarks, and settle what waited.

    The sender's record is linked with the company, so that the next highlight of it asks nobody; where the link is not
    free, or was rejected, the bookmark is made all the same. The caller has answered the review. Returns how many
    bookmarks are new.
    """
    asked, new = asked_in(review.subject), 0
    for receipt in tx.receipts_of_review(tenant, review.id):
        if receipt.outcome == "waiting":
            new += ensure_all(tx, bookmarks, tenant, asked, company_id, receipt.connection, receipt.message_id, now)
            tx.settle_receipt(tenant, receipt.connection, receipt.message_id, "bookmarked", company_id)
    partner_id, account = review.subject.get(PARTNER), review.subject.get(LINK_ACCOUNT)
    if isinstance(partner_id, str) and isinstance(account, str):
        _link(tx, tenant, review, account, partner_id, company_id, actor, now)
    return new


def refuse_highlight(tx: Transaction, tenant: str, review: Review) -> int:
    """A person said that an inbound review is about none of our companies: what waited ends unmatched.

    Returns how many messages it were.
    """
    waiting = [each for each in tx.receipts_of_review(tenant, review.id) if each.outcome == "waiting"]
    for each in waiting:
        tx.settle_receipt(tenant, each.connection, each.message_id, "unmatched", None)
    return len(waiting)


def _link(
    tx: Transaction,
    tenant: str,
    review: Review,
    account: str,
    partner_id: str,
    company_id: str,
    actor: str,
    now: datetime,
) -> None:
    object_ = str(review.subject[LINK_OBJECT])
    if tx.link(tenant, account, object_, company_id) is not None:
        return
    link = Link(
        account=account,
        object=object_,
        queast_id=company_id,
        partner_id=partner_id,
        rule="review",
        evidence={"review": review.id},
        score=None,
        plan_digest=review.plan_digest,
        actor=actor,
        created_at=now,
        created_record=False,
        connection=review.connection,
        standing="established",
    )
    try:
        tx.put_link(tenant, link, "a highlight of it was answered in review")
    except (LinkTaken, PairRejected):
        # Another company holds the record, or somebody said that the two are not the same. The bookmark does not
        # depend on it, and the next highlight is asked about again.
        return
