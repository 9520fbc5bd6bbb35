"""What highlights that waited for a person become once somebody answered: bookmarks, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from queast_runtime.ports.bookmarks import Bookmarks
from queast_runtime.ports.driver import JsonObject
from queast_runtime.ports.matches import EnsuredBookmark, Review
from queast_runtime.ports.rows import Link
from queast_runtime.ports.store import Snapshot, Transaction

# What an inbound review's subject holds for us, not for the page.
ASIDE: Final = "inbound"


@dataclass(frozen=True, slots=True)
class Asked:
    """One bookmark that a message asks for. `owner` is `team:sales` or `user:anna@acme.example`."""

    owner: str
    note: str


@dataclass(frozen=True, slots=True)
class Aside:
    """What an answer needs of the message: the bookmarks it asks for, and which record of whose account it is about.
    Without `partner_id` the sender gave no id."""

    asked: tuple[Asked, ...]
    partner_id: str | None
    account: str
    object: str

    def as_json(self) -> JsonObject:
        asked = [{"owner": each.owner, "note": each.note} for each in self.asked]
        return {"asked": asked, "partner_id": self.partner_id, "account": self.account, "object": self.object}


def aside_in(subject: Mapping[str, Any]) -> Aside:
    """Return what a review's subject holds of the message. Raises KeyError for a review that is not inbound."""
    kept = subject[ASIDE]
    asked = tuple(Asked(each["owner"], each["note"]) for each in kept["asked"])
    return Aside(asked, kept["partner_id"], kept["account"], kept["object"])


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


def record_of_sender(review: Review) -> str | None:
    """Return how the sender names the company's record, `companies 77 of account warehouse`; None where it does not."""
    if ASIDE not in review.subject:
        return None
    aside = aside_in(review.subject)
    return None if aside.partner_id is None else f"{aside.object} {aside.partner_id} of account {aside.account}"


def may_link_sender(tx: Snapshot, tenant: str, review: Review, company_id: str) -> bool:
    """Whether accepting links the sender's record with the company, so that its next highlight asks nobody.

    Not where either is linked already or the two were rejected; nor to a record that the account, as it is mirrored,
    does not have: a sender may say any id.
    """
    if ASIDE not in review.subject:
        return False
    aside = aside_in(review.subject)
    if aside.partner_id is None:
        return False
    there = (tenant, aside.account, aside.object)
    return (
        tx.link(*there, company_id) is None
        and tx.link_to(*there, aside.partner_id) is None
        and tx.rejection(*there, company_id, aside.partner_id) is None
        and (tx.mirror_state(*there) is None or tx.is_mirrored(*there, aside.partner_id))
    )


def told(company_id: str, record: str | None) -> str:
    """Say what accepting does; `record` is the sender's that is linked."""
    bookmarked = f"company {company_id} is bookmarked"
    if record is None:
        return bookmarked
    return f"{bookmarked}, and the sender's record, {record}, is linked to it: its next highlight asks nobody"


def accept_highlight(
    tx: Transaction, bookmarks: Bookmarks, tenant: str, review: Review, company_id: str, actor: str, now: datetime
) -> str | None:
    """A person said which company an inbound review is about: make its bookmarks, and settle what waited.

    The caller has answered the review. Returns the sender's record where it was linked with the company; where that may
    not be, the bookmark is made all the same.
    """
    aside = aside_in(review.subject)
    # What the case itself keeps is enough: a receipt may be gone, and the bookmarks are due all the same.
    ensure_all(tx, bookmarks, tenant, aside.asked, company_id, review.connection, review.event_id, now)
    for receipt in tx.receipts_of_review(tenant, review.id):
        tx.settle_receipt(tenant, receipt.connection, receipt.message_id, "bookmarked", company_id)
    if aside.partner_id is None or not may_link_sender(tx, tenant, review, company_id):
        return None
    _link(tx, tenant, review, aside, aside.partner_id, company_id, actor, now)
    return record_of_sender(review)


def ends_in_bookmarks(bookmarks: Bookmarks) -> Callable[[Transaction, str, Review, str | None], str | None]:
    """Return what is called where a review of kind `inbound` was answered: with our company, or None for none."""

    def ended(tx: Transaction, tenant: str, review: Review, company_id: str | None) -> str | None:
        if company_id is not None and review.answer is not None:
            given = review.answer
            return accept_highlight(tx, bookmarks, tenant, review, company_id, given.actor, given.at)
        if company_id is None:
            refuse_highlight(tx, tenant, review)
        return None

    return ended


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
    aside: Aside,
    partner_id: str,
    company_id: str,
    actor: str,
    now: datetime,
) -> None:
    link = Link(
        account=aside.account,
        object=aside.object,
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
    tx.put_link(tenant, link, "a highlight of it was answered in review")
