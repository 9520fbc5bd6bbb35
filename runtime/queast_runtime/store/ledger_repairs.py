"""Changes to many deliveries at once: waking, ending what can never go, cancelling, redriving."""

from __future__ import annotations

from datetime import datetime

from queast_runtime.ports.ledger import Dead, DeliveryFilter, DeliveryState, Dropped
from queast_runtime.store.ledger import LedgerWrites
from queast_runtime.store.ledger_reads import filter_terms
from queast_runtime.store.sql import Row, Sql, to_us

_WAKE = Sql(
    "UPDATE deliveries SET state = 'pending', next_due = :now WHERE tenant = :tenant AND state = 'waiting'"
    " AND id IN (SELECT delivery_id FROM delivery_needs"
    " WHERE tenant = :tenant AND connection = :connection AND need = :need)"
    " AND NOT EXISTS (SELECT 1 FROM delivery_needs AS other WHERE other.tenant = :tenant"
    " AND other.delivery_id = deliveries.id AND other.need <> :need)"
)
_STRIKE = Sql("DELETE FROM delivery_needs WHERE tenant = :tenant AND connection = :connection AND need = :need")
_WAITING_FOR = Sql(
    "SELECT id, connection, root, head FROM deliveries WHERE tenant = :tenant AND state = 'waiting'"
    " AND id IN (SELECT delivery_id FROM delivery_needs"
    " WHERE tenant = :tenant AND connection = :connection AND need = :need) ORDER BY position"
)
_REVIVE = Sql(
    "UPDATE deliveries SET state = 'pending', ended_at = NULL, attempts = 0, first_failed_at = NULL,"
    " next_due = :now WHERE tenant = :tenant AND id = :id"
)
# A head that is being sent, or may have been, keeps its place until it is settled.
_DEMOTE = Sql(
    "UPDATE deliveries SET head = 0 WHERE tenant = :tenant AND connection = :connection AND root = :root"
    " AND head = 1 AND state IN ('pending', 'waiting')"
)
_HAS_HEAD = Sql(
    "SELECT 1 FROM deliveries WHERE tenant = :tenant AND connection = :connection AND root = :root AND head = 1"
)
_MAKE_DUE = Sql(
    "UPDATE deliveries SET next_due = :now WHERE tenant = :tenant AND connection = :connection"
    " AND ended_at IS NULL AND state = 'pending' AND next_due > :now"
)


class LedgerRepairs(LedgerWrites):
    __slots__ = ()

    def wake(self, tenant: str, connection: str, need: str, now: datetime) -> int:
        woken = self.change(_WAKE, tenant=tenant, connection=connection, need=need, now=to_us(now))
        self.change(_STRIKE, tenant=tenant, connection=connection, need=need)
        return woken

    def end_waiting(self, tenant: str, connection: str, need: str, now: datetime, ending: Dead | Dropped) -> int:
        return self._end_all(
            tenant, self.all(_WAITING_FOR, tenant=tenant, connection=connection, need=need), now, ending
        )

    def cancel(self, tenant: str, where: DeliveryFilter, now: datetime, message: str) -> int:
        terms, params = filter_terms(where)
        sql = Sql(
            "SELECT id, connection, root, head FROM deliveries"  # noqa: S608 (see filter_terms)
            " WHERE tenant = :tenant AND ended_at IS NULL"
            f" AND state IN ('pending', 'waiting') AND unanswered_since IS NULL AND {terms} ORDER BY position"
        )
        rows = self.all(sql, tenant=tenant, **params)
        return self._end_all(tenant, rows, now, Dropped(DeliveryState.CANCELLED, message))

    def _end_all(self, tenant: str, rows: list[Row], now: datetime, ending: Dead | Dropped) -> int:
        for id_, _, _, _ in rows:
            self.end(tenant, id_, now, ending)
        for connection, root in dict.fromkeys((row[1], row[2]) for row in rows if row[3]):
            self.promote(tenant, connection, root)
        return len(rows)

    def redrive(self, tenant: str, where: DeliveryFilter, now: datetime) -> int:
        terms, params = filter_terms(where)
        sql = Sql(
            "SELECT id, connection, root FROM deliveries"  # noqa: S608 (see filter_terms)
            f" WHERE tenant = :tenant AND state = 'dead' AND {terms} ORDER BY position"
        )
        rows = self.all(sql, tenant=tenant, **params)
        for id_, _, _ in rows:
            self.change(_REVIVE, tenant=tenant, id=id_, now=to_us(now))
        for connection, root in dict.fromkeys((row[1], row[2]) for row in rows):
            place = {"tenant": tenant, "connection": connection, "root": root}
            self.change(_DEMOTE, **place)
            if self.one(_HAS_HEAD, **place) is None:
                self.promote(tenant, connection, root)
        return len(rows)

    def make_due(self, tenant: str, connection: str, now: datetime) -> int:
        return self.change(_MAKE_DUE, tenant=tenant, connection=connection, now=to_us(now))
