"""What a sender's highlight would come to, by the code that takes it in at the door; signatures are not asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, assert_never

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.engine.loaded import MappingCode
from queast_runtime.inbound.highlight import Highlight, Malformed, NotHighlight, read_highlight
from queast_runtime.inbound.released import terms_of
from queast_runtime.inbound.taking import Altered, Message, Repeated, Taken, take
from queast_runtime.ports.matches import EnsuredBookmark
from queast_runtime.ports.store import Transaction
from queast_runtime.store.bookmarks import StoreBookmarks

# As the expectations of tests call them. `ignored` is for what no rule takes.
Found = Literal["link", "review", "not_found", "ignored"]


@dataclass(frozen=True, slots=True)
class Received:
    """`company_id` is ours that it is about, where that is sure; `reason` why it is not, or why nothing is read."""

    found: Found
    company_id: str | None
    reason: str | None
    bookmarks: tuple[EnsuredBookmark, ...]


def receive(
    tx: Transaction,
    tenant: str,
    connection: ConnectionPlan,
    mappings: Iterable[MappingCode],
    body: dict[str, Any],
    now: datetime,
) -> Received:
    """Take one highlight in. Raises LookupError where the connection takes no messages."""
    read = read_highlight(body)
    if isinstance(read, Malformed):
        return Received("ignored", None, read.reason, ())
    terms = terms_of(tenant, {connection.connection: connection}, mappings, StoreBookmarks()).get(connection.connection)
    if terms is None:
        raise LookupError(f"connection {connection.connection} takes no messages")
    identity = read.id if isinstance(read, Highlight) else "test"
    answer = take(tx, terms, Message(identity, "", read), now)
    match answer:
        case Taken(outcome="bookmarked"):
            receipt = tx.inbound_receipt(tenant, connection.connection, identity)
            company = None if receipt is None else receipt.company_id
            return Received("link", company, None, tx.ensured_bookmarks(tenant))
        case Taken(outcome="waiting"):
            receipt = tx.inbound_receipt(tenant, connection.connection, identity)
            review = None if receipt is None or receipt.review_id is None else tx.review(tenant, receipt.review_id)
            # A company that nobody of ours resembles waits too, where the rule says so.
            none_at_all = review is not None and not review.candidates
            return Received("not_found" if none_at_all else "review", None, review.reason if review else None, ())
        case Taken(outcome="unmatched"):
            return Received("not_found", None, "none of ours", ())
        case Taken() | Repeated() | Altered():
            why = read.reason if isinstance(read, NotHighlight) else "no rule takes it"
            return Received("ignored", None, why, ())
        case _:
            assert_never(answer)
