"""Writing the mirror, a page at a time.

Filling it again writes a new generation beside the old one; records that the new filling did not meet leave when it
completes, so matching never sees a half-empty mirror. Of a record that is known already only the difference is
written; how many records have a token is counted by the same differences, in the same transaction.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from queast_runtime.ports.rows import MirrorCard, MirrorRecord
from queast_runtime.store.mirror import COUNTED_SIZE, HELD_SIZE, SIZE, STRIDE, WHERE, card_place
from queast_runtime.store.sql import Access, Sql, to_us

_START = Sql(
    "INSERT INTO mirrors"
    " (tenant, account, object, complete, filling, page_cursor, generation, started_at, synced_at)"
    " VALUES (:tenant, :account, :object, 0, 1, NULL, 1, :at, NULL) ON CONFLICT (tenant, account, object) DO UPDATE"
    " SET filling = 1, page_cursor = NULL, generation = mirrors.generation + 1, started_at = excluded.started_at"
)
_GENERATION = Sql(f"SELECT generation, filling FROM mirrors WHERE {WHERE}")  # noqa: S608 (constants only)
_MOVE = Sql(f"UPDATE mirrors SET page_cursor = :cursor WHERE {WHERE}")  # noqa: S608 (constants only)
_COMPLETE = Sql(
    f"UPDATE mirrors SET complete = 1, filling = 0, page_cursor = NULL, synced_at = :at WHERE {WHERE}"  # noqa: S608 (constants only)
)
_HELD_TOKENS = Sql(
    f"SELECT partner_id, tokens FROM mirror_records WHERE {WHERE}"  # noqa: S608 (constants only)
    " AND partner_id {in:partner_ids}"
)
_HELD_KEYS = Sql(
    f"SELECT partner_id, kind, value FROM mirror_keys WHERE {WHERE}"  # noqa: S608 (constants only)
    " AND partner_id {in:partner_ids}"
)
_PUT_RECORD = Sql(
    "INSERT INTO mirror_records (tenant, account, object, partner_id, generation, card, tokens)"
    " VALUES (:tenant, :account, :object, :partner_id, :generation, :card, :tokens)"
    " ON CONFLICT (tenant, account, object, partner_id) DO UPDATE"
    " SET generation = excluded.generation, card = excluded.card, tokens = excluded.tokens"
)
_DROP_RECORDS = Sql(
    f"DELETE FROM mirror_records WHERE {WHERE} AND partner_id {{in:partner_ids}}"  # noqa: S608 (constants only)
)
_PUT_KEY = Sql(
    "INSERT INTO mirror_keys (tenant, account, object, kind, value, partner_id)"
    " VALUES (:tenant, :account, :object, :kind, :value, :partner_id)"
)
_DROP_KEY = Sql(
    f"DELETE FROM mirror_keys WHERE {WHERE}"  # noqa: S608 (constants only)
    " AND kind = :kind AND value = :value AND partner_id = :partner_id"
)
_PUT_TOKEN = Sql(
    "INSERT INTO mirror_tokens (tenant, account, object, token, partner_id)"
    " VALUES (:tenant, :account, :object, :token, :partner_id)"
)
_DROP_TOKEN = Sql(
    f"DELETE FROM mirror_tokens WHERE {WHERE} AND token = :token AND partner_id = :partner_id"  # noqa: S608
)
_COUNT_MORE = Sql(
    "INSERT INTO mirror_token_counts (tenant, account, object, token, records)"
    " VALUES (:tenant, :account, :object, :token, :by) ON CONFLICT (tenant, account, object, token)"
    " DO UPDATE SET records = mirror_token_counts.records + excluded.records"
)
_COUNT_FEWER = Sql(
    f"UPDATE mirror_token_counts SET records = records - :by WHERE {WHERE} AND token = :token"  # noqa: S608
)
_COUNT_NONE = Sql(f"DELETE FROM mirror_token_counts WHERE {WHERE} AND token = :token AND records = 0")  # noqa: S608
_MOVE_SIZE = Sql(
    f"UPDATE mirror_token_counts SET records = records + :by WHERE {WHERE} AND token = :token"  # noqa: S608
)
# Another process may have counted at the same time: then its count is there, and only ours is to be added.
_FIRST_SIZE = Sql(
    "INSERT INTO mirror_token_counts (tenant, account, object, token, records)"
    " VALUES (:tenant, :account, :object, :token, :records) ON CONFLICT (tenant, account, object, token)"
    " DO UPDATE SET records = mirror_token_counts.records + :by"
)
_OLD = Sql(
    f"SELECT partner_id FROM mirror_records WHERE {WHERE} AND generation < :generation"  # noqa: S608 (constants only)
    " AND partner_id > :after ORDER BY partner_id LIMIT :limit"
)


class MirrorWrites(Access):
    __slots__ = ()

    def start_mirror(self, tenant: str, account: str, object: str, at: datetime) -> None:
        self.change(_START, tenant=tenant, account=account, object=object, at=to_us(at))

    def put_mirror_page(
        self,
        tenant: str,
        account: str,
        object: str,
        records: Sequence[MirrorRecord],
        cursor: str | None,
        at: datetime,
    ) -> None:
        where = {"tenant": tenant, "account": account, "object": object}
        row = self.one(_GENERATION, **where)
        if row is None or not row[1]:
            raise LookupError(f"the mirror of {object} in account {account} is not being filled; start it first")
        generation = int(row[0])
        self._put_records(where, records, generation)
        if cursor is not None:
            self.change(_MOVE, cursor=cursor, **where)
            return
        after = ""
        while old := self.all(_OLD, generation=generation, after=after, limit=STRIDE, **where):
            self._drop_records(where, [partner_id for (partner_id,) in old])
            after = old[-1][0]
        self.change(_COMPLETE, at=to_us(at), **where)

    def put_mirror_record(self, tenant: str, account: str, object: str, record: MirrorRecord) -> None:
        where = {"tenant": tenant, "account": account, "object": object}
        row = self.one(_GENERATION, **where)
        # A filling that runs may have passed this record's page already: it counts as met.
        self._put_records(where, [record], 0 if row is None else int(row[0]))

    def remove_mirror_record(self, tenant: str, account: str, object: str, partner_id: str) -> bool:
        where = {"tenant": tenant, "account": account, "object": object}
        return bool(self._drop_records(where, [partner_id]))

    def _put_records(self, where: dict[str, str], records: Sequence[MirrorRecord], generation: int) -> None:
        # Of a record that a page lists twice the last stays.
        latest = {record.partner_id: record for record in records}
        rows = [self._mirror_row(where, record, generation) for record in latest.values()]
        listed = self.in_list(latest)
        held = self.all(_HELD_TOKENS, partner_ids=listed, **where)
        held_tokens = {(token, partner_id) for partner_id, tokens in held for token in tokens.split()}
        held_keys = {
            (kind, value, partner_id) for partner_id, kind, value in self.all(_HELD_KEYS, partner_ids=listed, **where)
        }
        tokens = {(token, record.partner_id) for record in latest.values() for token in record.tokens}
        keys = {
            (kind, value, record.partner_id)
            for record in latest.values()
            for kind, values in record.keys.items()
            for value in values
        }
        self.change_each(_PUT_RECORD, rows)
        self._move_size(where, len(latest) - len(held))
        self._move_keys(where, held_keys - keys, keys - held_keys)
        self._move_tokens(where, held_tokens - tokens, tokens - held_tokens)

    def _drop_records(self, where: dict[str, str], partner_ids: Iterable[str]) -> int:
        listed = self.in_list(partner_ids)
        tokens = {
            (token, partner_id)
            for partner_id, held in self.all(_HELD_TOKENS, partner_ids=listed, **where)
            for token in held.split()
        }
        keys = {
            (kind, value, partner_id) for partner_id, kind, value in self.all(_HELD_KEYS, partner_ids=listed, **where)
        }
        self._move_keys(where, keys, set())
        self._move_tokens(where, tokens, set())
        dropped = self.change(_DROP_RECORDS, partner_ids=listed, **where)
        self._move_size(where, -dropped)
        return dropped

    def _mirror_row(self, where: dict[str, str], record: MirrorRecord, generation: int) -> dict[str, Any]:
        if any(len(token.split()) != 1 or token != token.strip() for token in record.tokens):
            raise ValueError(f"a token of record {record.partner_id} is empty or has a space in it")
        return {
            **where,
            "partner_id": record.partner_id,
            "generation": generation,
            "card": None if record.card is None else self._sealed_card(where, record.partner_id, record.card),
            "tokens": " ".join(record.tokens),
        }

    def _sealed_card(self, where: dict[str, str], partner_id: str, card: MirrorCard) -> bytes:
        plain = json.dumps([card.name, card.country, card.city, card.domain], ensure_ascii=False).encode()
        return self.sealer.seal(where["tenant"], card_place(where["account"], where["object"], partner_id), plain)

    def _move_size(self, where: dict[str, str], by: int) -> None:
        """Keep how many records there are, `by` more than before; of a mirror whose size was never kept, count them."""
        if by == 0:
            return
        if self.one(HELD_SIZE, **where) is None:
            (counted,) = self.one(COUNTED_SIZE, **where) or (0,)
            self.change(_FIRST_SIZE, token=SIZE, records=int(counted), by=by, **where)
        else:
            self.change(_MOVE_SIZE, token=SIZE, by=by, **where)

    # Sorted, so that rows of the same place in an index are written one after the other.

    def _move_keys(
        self, where: dict[str, str], gone: set[tuple[str, str, str]], come: set[tuple[str, str, str]]
    ) -> None:
        for sql, keys in ((_DROP_KEY, gone), (_PUT_KEY, come)):
            rows = [{**where, "kind": kind, "value": value, "partner_id": one} for kind, value, one in sorted(keys)]
            self.change_each(sql, rows)

    def _move_tokens(self, where: dict[str, str], gone: set[tuple[str, str]], come: set[tuple[str, str]]) -> None:
        for sql, pairs in ((_DROP_TOKEN, gone), (_PUT_TOKEN, come)):
            self.change_each(sql, [{**where, "token": token, "partner_id": one} for token, one in sorted(pairs)])
        by = Counter(token for token, _ in come)
        by.subtract(token for token, _ in gone)
        more = [{**where, "token": token, "by": count} for token, count in sorted(by.items()) if count > 0]
        fewer = [{**where, "token": token, "by": -count} for token, count in sorted(by.items()) if count < 0]
        self.change_each(_COUNT_MORE, more)
        self.change_each(_COUNT_FEWER, fewer)
        self.change_each(_COUNT_NONE, [{name: row[name] for name in row if name != "by"} for row in fewer])
