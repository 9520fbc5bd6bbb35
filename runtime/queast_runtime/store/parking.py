"""Events that wait for the state of their company, by mapping."""

from __future__ import annotations

from queast_runtime.ports.rows import ParkedEvent
from queast_runtime.store.sql import Access, Sql

_PARKED = Sql(
    "SELECT number, source, event_id, mapping FROM parked_events"
    " WHERE tenant = :tenant AND company_id = :company_id ORDER BY number, mapping"
)
_NEXT = Sql(
    "SELECT coalesce(max(number), 0) + 1 FROM parked_events WHERE tenant = :tenant AND company_id = :company_id"
)
_PARK = Sql(
    "INSERT INTO parked_events (tenant, company_id, number, source, event_id, mapping)"
    " VALUES (:tenant, :company_id, :number, :source, :event_id, :mapping)"
)
_UNPARK = Sql("DELETE FROM parked_events WHERE tenant = :tenant AND company_id = :company_id")
_FORGET_OUTCOME = Sql(
    "DELETE FROM event_outcomes WHERE tenant = :tenant AND source = :source AND event_id = :event_id"
    " AND mapping = :mapping AND decision = 'parked'"
)


class ParkingReads(Access):
    __slots__ = ()

    def parked(self, tenant: str, company_id: str) -> tuple[ParkedEvent, ...]:
        found: dict[int, ParkedEvent] = {}
        for number, source, event_id, mapping in self.all(_PARKED, tenant=tenant, company_id=company_id):
            before = found[number].mappings if number in found else ()
            found[number] = ParkedEvent(source, event_id, (*before, mapping))
        return tuple(found.values())


class ParkingWrites(ParkingReads):
    __slots__ = ()

    def park(self, tenant: str, company_id: str, event: ParkedEvent) -> None:
        row = self.one(_NEXT, tenant=tenant, company_id=company_id)
        if row is None:
            raise RuntimeError("an aggregate always gives a row")
        name = {"source": event.source, "event_id": event.event_id}
        for mapping in event.mappings:
            self.change(_PARK, tenant=tenant, company_id=company_id, number=row[0], mapping=mapping, **name)

    def unpark(self, tenant: str, company_id: str) -> tuple[ParkedEvent, ...]:
        waiting = self.parked(tenant, company_id)
        for one in waiting:
            for mapping in one.mappings:
                name = {"source": one.source, "event_id": one.event_id, "mapping": mapping}
                self.change(_FORGET_OUTCOME, tenant=tenant, **name)
        if waiting:
            self.change(_UNPARK, tenant=tenant, company_id=company_id)
        return waiting
