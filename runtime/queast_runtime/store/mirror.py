"""The mirror: what is known of a CRM's records, by exact key.

Filling it again writes a new generation beside the old one; records that the new filling did not meet leave when it
completes, so matching never sees a half-empty mirror.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from queast_runtime.ports.rows import MirrorRecord, MirrorState
from queast_runtime.store.sql import Access, Sql, from_us, from_us_or_none, to_us

_WHERE = "tenant = :tenant AND account = :account AND object = :object"
_STATE = Sql(
    f"SELECT complete, filling, page_cursor, started_at, synced_at FROM mirrors WHERE {_WHERE}"  # noqa: S608
)
_FIND = Sql(
    f"SELECT partner_id FROM mirror_keys WHERE {_WHERE} AND kind = :kind AND value = :value"  # noqa: S608
)
_KEYS = Sql(
    f"SELECT value FROM mirror_keys WHERE {_WHERE} AND partner_id = :partner_id AND kind = :kind"  # noqa: S608
)
_SIZE = Sql(f"SELECT count(*) FROM mirror_records WHERE {_WHERE}")  # noqa: S608 (constants only)
_START = Sql(
    "INSERT INTO mirrors"
    " (tenant, account, object, complete, filling, page_cursor, generation, started_at, synced_at)"
    " VALUES (:tenant, :account, :object, 0, 1, NULL, 1, :at, NULL) ON CONFLICT (tenant, account, object) DO UPDATE"
    " SET filling = 1, page_cursor = NULL, generation = mirrors.generation + 1, started_at = excluded.started_at"
)
_GENERATION = Sql(f"SELECT generation, filling FROM mirrors WHERE {_WHERE}")  # noqa: S608 (constants only)
_MOVE = Sql(f"UPDATE mirrors SET page_cursor = :cursor WHERE {_WHERE}")  # noqa: S608 (constants only)
_COMPLETE = Sql(
    f"UPDATE mirrors SET complete = 1, filling = 0, page_cursor = NULL, synced_at = :at WHERE {_WHERE}"  # noqa: S608 (constants only)
)
_PUT_RECORD = Sql(
    "INSERT INTO mirror_records (tenant, account, object, partner_id, generation)"
    " VALUES (:tenant, :account, :object, :partner_id, :generation)"
    " ON CONFLICT (tenant, account, object, partner_id) DO UPDATE SET generation = excluded.generation"
)
_DROP_KEYS = Sql(f"DELETE FROM mirror_keys WHERE {_WHERE} AND partner_id = :partner_id")  # noqa: S608
_PUT_KEY = Sql(
    "INSERT INTO mirror_keys (tenant, account, object, kind, value, partner_id)"
    " VALUES (:tenant, :account, :object, :kind, :value, :partner_id)"
    " ON CONFLICT (tenant, account, object, kind, value, partner_id) DO NOTHING"
)
_DROP_RECORD = Sql(f"DELETE FROM mirror_records WHERE {_WHERE} AND partner_id = :partner_id")  # noqa: S608
_DROP_OLD_KEYS = Sql(
    f"DELETE FROM mirror_keys WHERE {_WHERE} AND partner_id IN"  # noqa: S608 (constants only)
    f" (SELECT partner_id FROM mirror_records WHERE {_WHERE} AND generation < :generation)"
)
_DROP_OLD_RECORDS = Sql(f"DELETE FROM mirror_records WHERE {_WHERE} AND generation < :generation")  # noqa: S608


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
        row = self.one(_SIZE, tenant=tenant, account=account, object=object)
        return 0 if row is None else int(row[0])


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
        for record in records:
            self._put(where, record, generation)
        if cursor is not None:
            self.change(_MOVE, cursor=cursor, **where)
            return
        self.change(_DROP_OLD_KEYS, generation=generation, **where)
        self.change(_DROP_OLD_RECORDS, generation=generation, **where)
        self.change(_COMPLETE, at=to_us(at), **where)

    def put_mirror_record(self, tenant: str, account: str, object: str, record: MirrorRecord) -> None:
        where = {"tenant": tenant, "account": account, "object": object}
        row = self.one(_GENERATION, **where)
        # A filling that runs may have passed this record's page already: it counts as met.
        self._put(where, record, 0 if row is None else int(row[0]))

    def remove_mirror_record(self, tenant: str, account: str, object: str, partner_id: str) -> bool:
        where = {"tenant": tenant, "account": account, "object": object, "partner_id": partner_id}
        self.change(_DROP_KEYS, **where)
        return bool(self.change(_DROP_RECORD, **where))

    def _put(self, where: dict[str, str], record: MirrorRecord, generation: int) -> None:
        self.change(_PUT_RECORD, partner_id=record.partner_id, generation=generation, **where)
        self.change(_DROP_KEYS, partner_id=record.partner_id, **where)
        for kind, values in record.keys.items():
            for value in values:
                self.change(_PUT_KEY, partner_id=record.partner_id, kind=kind, value=value, **where)
