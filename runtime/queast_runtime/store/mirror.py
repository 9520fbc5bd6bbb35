"""Reading the mirror: what is known of a CRM's records, by exact key, by token of the name, or one after the other."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from queast_runtime.ports.rows import IndexedRecord, MirrorCard, MirrorState
from queast_runtime.store.sql import Access, Sql, from_us, from_us_or_none

# How many records a walk over all of them reads at a time.
STRIDE = 2_000

WHERE = "tenant = :tenant AND account = :account AND object = :object"
_STATE = Sql(
    f"SELECT complete, filling, page_cursor, started_at, synced_at FROM mirrors WHERE {WHERE}"  # noqa: S608
)
_IS_MIRRORED = Sql(
    "SELECT 1 FROM mirror_records"
    " WHERE tenant = :tenant AND account = :account AND object = :object AND partner_id = :partner_id"
)
_FIND = Sql(
    f"SELECT partner_id FROM mirror_keys WHERE {WHERE} AND kind = :kind AND value = :value"  # noqa: S608
)
_KEYS = Sql(
    f"SELECT value FROM mirror_keys WHERE {WHERE} AND partner_id = :partner_id AND kind = :kind"  # noqa: S608
)
# Under this the counts hold how many records there are; no token has a space.
SIZE: Final = " records"
HELD_SIZE = Sql(f"SELECT records FROM mirror_token_counts WHERE {WHERE} AND token = '{SIZE}'")  # noqa: S608
COUNTED_SIZE = Sql(f"SELECT count(*) FROM mirror_records WHERE {WHERE}")  # noqa: S608 (constants only)
_CARDS = Sql(
    f"SELECT partner_id, card FROM mirror_records WHERE {WHERE}"  # noqa: S608 (constants only)
    " AND partner_id {in:partner_ids} AND card IS NOT NULL"
)
_COUNTS = Sql(
    f"SELECT token, records FROM mirror_token_counts WHERE {WHERE}"  # noqa: S608 (constants only)
    " AND token {in:tokens}"
)
_WITH_TOKEN = Sql(
    "SELECT r.partner_id, r.tokens FROM mirror_tokens t JOIN mirror_records r ON r.tenant = t.tenant"
    " AND r.account = t.account AND r.object = t.object AND r.partner_id = t.partner_id"
    " WHERE t.tenant = :tenant AND t.account = :account AND t.object = :object AND t.token = :token"
    " ORDER BY t.partner_id LIMIT :limit"
)
_INDEXED = Sql(
    f"SELECT partner_id, card, tokens FROM mirror_records WHERE {WHERE}"  # noqa: S608 (constants only)
    " AND tokens <> '' AND partner_id > :after ORDER BY partner_id LIMIT :limit"
)


def card_place(account: str, object: str, partner_id: str) -> tuple[str, ...]:
    """Where a record's card is sealed to."""
    return ("mirror_records", account, object, partner_id, "card")


class MirrorReads(Access):
    __slots__ = ()

    def mirror_state(self, tenant: str, account: str, object: str) -> MirrorState | None:
        row = self.one(_STATE, tenant=tenant, account=account, object=object)
        if row is None:
            return None
        complete, filling, cursor, started_at, synced_at = row
        return MirrorState(
            account=account,
            object=object,
            complete=bool(complete),
            filling=bool(filling),
            cursor=cursor,
            started_at=from_us(started_at),
            synced_at=from_us_or_none(synced_at),
        )

    def mirror_find(self, tenant: str, account: str, object: str, kind: str, value: str) -> tuple[str, ...]:
        rows = self.all(_FIND, tenant=tenant, account=account, object=object, kind=kind, value=value)
        return tuple(sorted(row[0] for row in rows))

    def mirror_keys(self, tenant: str, account: str, object: str, partner_id: str, kind: str) -> tuple[str, ...]:
        where = {"account": account, "object": object, "partner_id": partner_id, "kind": kind}
        return tuple(sorted(row[0] for row in self.all(_KEYS, tenant=tenant, **where)))

    def mirror_size(self, tenant: str, account: str, object: str) -> int:
        where = {"tenant": tenant, "account": account, "object": object}
        # What was mirrored before sizes were kept is counted until the next record is written.
        row = self.one(HELD_SIZE, **where) or self.one(COUNTED_SIZE, **where)
        return 0 if row is None else int(row[0])

    def is_mirrored(self, tenant: str, account: str, object: str, partner_id: str) -> bool:
        where = {"account": account, "object": object, "partner_id": partner_id}
        return self.one(_IS_MIRRORED, tenant=tenant, **where) is not None

    def mirror_card(self, tenant: str, account: str, object: str, partner_id: str) -> MirrorCard | None:
        return self.mirror_cards(tenant, account, object, (partner_id,)).get(partner_id)

    def mirror_cards(
        self, tenant: str, account: str, object: str, partner_ids: Collection[str]
    ) -> Mapping[str, MirrorCard]:
        listed = self.in_list(partner_ids)
        rows = self.all(_CARDS, tenant=tenant, account=account, object=object, partner_ids=listed)
        return {
            partner_id: self._opened_card(tenant, account, object, partner_id, sealed) for partner_id, sealed in rows
        }

    def token_counts(self, tenant: str, account: str, object: str, tokens: Collection[str]) -> Mapping[str, int]:
        rows = self.all(_COUNTS, tenant=tenant, account=account, object=object, tokens=self.in_list(tokens))
        return {token: int(count) for token, count in rows}

    def mirror_with_token(
        self, tenant: str, account: str, object: str, token: str, limit: int
    ) -> tuple[tuple[str, tuple[str, ...]], ...]:
        rows = self.all(_WITH_TOKEN, tenant=tenant, account=account, object=object, token=token, limit=limit)
        return tuple((partner_id, tuple(tokens.split(" "))) for partner_id, tokens in rows)

    def mirror_indexed(self, tenant: str, account: str, object: str) -> Iterator[IndexedRecord]:
        after = ""
        while rows := self.all(_INDEXED, tenant=tenant, account=account, object=object, after=after, limit=STRIDE):
            for row in rows:
                yield self._indexed_record(tenant, account, object, *row)
            after = rows[-1][0]

    def _indexed_record(
        self, tenant: str, account: str, object: str, partner_id: str, sealed: bytes | None, tokens: str
    ) -> IndexedRecord:
        card = None if sealed is None else self._opened_card(tenant, account, object, partner_id, sealed)
        return IndexedRecord(partner_id, card, tuple(tokens.split(" ")))

    def _opened_card(self, tenant: str, account: str, object: str, partner_id: str, sealed: bytes) -> MirrorCard:
        return MirrorCard(*json.loads(self.sealer.open(tenant, card_place(account, object, partner_id), sealed)))
