"""Calls that came in, once each by their id, and the bookmarks that they asked for."""

from __future__ import annotations

from datetime import datetime

from queast_runtime.ports.matches import EnsuredBookmark, InboundReceipt, ReceiptOutcome
from queast_runtime.store.sql import Access, Row, Sql, from_us, to_us

_RECEIPTS = (
    "SELECT connection, message_id, body_hash, outcome, company_id, review_id, received_at FROM inbound_receipts"
)
_RECEIPT = Sql(f"{_RECEIPTS} WHERE tenant = :tenant AND connection = :connection AND message_id = :message_id")
_OF_REVIEW = Sql(
    f"{_RECEIPTS} WHERE tenant = :tenant AND review_id = :review_id ORDER BY received_at, connection, message_id"
)
_PUT_RECEIPT = Sql(
    "INSERT INTO inbound_receipts"
    " (tenant, connection, message_id, body_hash, outcome, company_id, review_id, received_at)"
    " VALUES (:tenant, :connection, :message_id, :body_hash, :outcome, :company_id, :review_id, :received_at)"
    " ON CONFLICT (tenant, connection, message_id) DO NOTHING"
)
_SETTLE = Sql(
    "UPDATE inbound_receipts SET outcome = :outcome, company_id = :company_id WHERE tenant = :tenant"
    " AND connection = :connection AND message_id = :message_id AND outcome = 'waiting'"
)
_EXPIRE = Sql(
    "DELETE FROM inbound_receipts WHERE tenant = :tenant AND received_at < :before"
    " AND review_id IS NULL AND outcome <> 'waiting'"
)
_WAIT_AGAIN = Sql(
    "UPDATE inbound_receipts SET outcome = 'waiting', company_id = NULL"
    " WHERE tenant = :tenant AND review_id = :review_id AND outcome <> 'waiting'"
)
_IS_ENSURED = Sql(
    "SELECT 1 FROM ensured_bookmarks WHERE tenant = :tenant AND company_id = :company_id AND owner = :owner"
)
_BOOKMARKS = Sql(
    "SELECT company_id, owner, connection, message_id, note, created_at FROM ensured_bookmarks"
    " WHERE tenant = :tenant ORDER BY company_id, owner"
)
_BOOKMARK = Sql(
    "INSERT INTO ensured_bookmarks (tenant, company_id, owner, connection, message_id, note, created_at)"
    " VALUES (:tenant, :company_id, :owner, :connection, :message_id, :note, :created_at)"
    " ON CONFLICT (tenant, company_id, owner) DO NOTHING"
)


def _place(company_id: str, owner: str) -> tuple[str, ...]:
    return ("ensured_bookmarks", company_id, owner, "note")


def _receipt(row: Row) -> InboundReceipt:
    connection, message_id, body_hash, outcome, company_id, review_id, received_at = row
    return InboundReceipt(connection, message_id, body_hash, outcome, company_id, review_id, from_us(received_at))


class InboundReads(Access):
    __slots__ = ()

    def inbound_receipt(self, tenant: str, connection: str, message_id: str) -> InboundReceipt | None:
        row = self.one(_RECEIPT, tenant=tenant, connection=connection, message_id=message_id)
        return None if row is None else _receipt(row)

    def receipts_of_review(self, tenant: str, review_id: str) -> tuple[InboundReceipt, ...]:
        return tuple(_receipt(row) for row in self.all(_OF_REVIEW, tenant=tenant, review_id=review_id))

    def is_ensured(self, tenant: str, company_id: str, owner: str) -> bool:
        return self.one(_IS_ENSURED, tenant=tenant, company_id=company_id, owner=owner) is not None

    def ensured_bookmarks(self, tenant: str) -> tuple[EnsuredBookmark, ...]:
        return tuple(
            EnsuredBookmark(
                company_id=company_id,
                owner=owner,
                connection=connection,
                message_id=message_id,
                note=self.sealer.open(tenant, _place(company_id, owner), note).decode(),
                created_at=from_us(at),
            )
            for company_id, owner, connection, message_id, note, at in self.all(_BOOKMARKS, tenant=tenant)
        )


class InboundWrites(InboundReads):
    __slots__ = ()

    def put_receipt(self, tenant: str, receipt: InboundReceipt) -> bool:
        added = self.change(
            _PUT_RECEIPT,
            tenant=tenant,
            connection=receipt.connection,
            message_id=receipt.message_id,
            body_hash=receipt.body_hash,
            outcome=receipt.outcome,
            company_id=receipt.company_id,
            review_id=receipt.review_id,
            received_at=to_us(receipt.received_at),
        )
        return added > 0

    def settle_receipt(
        self, tenant: str, connection: str, message_id: str, outcome: ReceiptOutcome, company_id: str | None
    ) -> bool:
        which = {"connection": connection, "message_id": message_id}
        return bool(self.change(_SETTLE, tenant=tenant, outcome=outcome, company_id=company_id, **which))

    def unsettle_receipts(self, tenant: str, review_id: str) -> int:
        return self.change(_WAIT_AGAIN, tenant=tenant, review_id=review_id)

    def expire_receipts(self, tenant: str, before: datetime) -> int:
        return self.change(_EXPIRE, tenant=tenant, before=to_us(before))

    def ensure_bookmark(self, tenant: str, bookmark: EnsuredBookmark) -> bool:
        place = _place(bookmark.company_id, bookmark.owner)
        added = self.change(
            _BOOKMARK,
            tenant=tenant,
            company_id=bookmark.company_id,
            owner=bookmark.owner,
            connection=bookmark.connection,
            message_id=bookmark.message_id,
            note=self.sealer.seal(tenant, place, bookmark.note.encode()),
            created_at=to_us(bookmark.created_at),
        )
        return added > 0
