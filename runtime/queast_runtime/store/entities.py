"""The latest state of each entity, bookmarked companies, and who may not leave."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from queast_runtime.ports.rows import EntityRow, Suppression
from queast_runtime.store.sql import Access, Sql, from_us, to_us

# The one reason that the entity itself may take back.
FLAG = "do_not_export"

_SEQUENCE = Sql("SELECT sequence FROM entities WHERE tenant = :tenant AND entity = :entity AND queast_id = :queast_id")
_GET = Sql(
    "SELECT sequence, state, updated_at FROM entities"
    " WHERE tenant = :tenant AND entity = :entity AND queast_id = :queast_id"
)
_PUT = Sql(
    "INSERT INTO entities (tenant, entity, queast_id, sequence, state, updated_at)"
    " VALUES (:tenant, :entity, :queast_id, :sequence, :state, :updated_at)"
    " ON CONFLICT (tenant, entity, queast_id) DO UPDATE"
    " SET sequence = excluded.sequence, state = excluded.state, updated_at = excluded.updated_at"
    " WHERE excluded.sequence >= entities.sequence"
)
_IS_BOOKMARKED = Sql("SELECT 1 FROM bookmarks WHERE tenant = :tenant AND company_id = :company_id")
_BOOKMARK = Sql(
    "INSERT INTO bookmarks (tenant, company_id) VALUES (:tenant, :company_id)"
    " ON CONFLICT (tenant, company_id) DO NOTHING"
)
_UNBOOKMARK = Sql("DELETE FROM bookmarks WHERE tenant = :tenant AND company_id = :company_id")
_IS_SUPPRESSED = Sql(
    "SELECT 1 FROM suppressions WHERE tenant = :tenant AND entity = :entity AND queast_id = :queast_id"
)
_SUPPRESSIONS = Sql(
    "SELECT entity, queast_id, reason, since, sequence FROM suppressions"
    " WHERE tenant = :tenant ORDER BY entity, queast_id"
)
_SUPPRESSION = Sql(
    "SELECT reason, since, sequence FROM suppressions"
    " WHERE tenant = :tenant AND entity = :entity AND queast_id = :queast_id"
)
_SUPPRESS = Sql(
    "INSERT INTO suppressions (tenant, entity, queast_id, reason, since, sequence)"
    " VALUES (:tenant, :entity, :queast_id, :reason, :since, :sequence)"
)
_SUPPRESS_MORE = Sql(
    "UPDATE suppressions SET reason = :reason, sequence = :sequence"
    " WHERE tenant = :tenant AND entity = :entity AND queast_id = :queast_id"
)
_UNSUPPRESS = Sql("DELETE FROM suppressions WHERE tenant = :tenant AND entity = :entity AND queast_id = :queast_id")


class EntityReads(Access):
    __slots__ = ()

    def entity_sequence(self, tenant: str, entity: str, queast_id: str) -> int | None:
        row = self.one(_SEQUENCE, tenant=tenant, entity=entity, queast_id=queast_id)
        return None if row is None else int(row[0])

    def entity(self, tenant: str, entity: str, queast_id: str) -> EntityRow | None:
        row = self.one(_GET, tenant=tenant, entity=entity, queast_id=queast_id)
        if row is None:
            return None
        sequence, sealed, updated_at = row
        place = ("entities", entity, queast_id, "state")
        state = None if sealed is None else self.sealer.open(tenant, place, sealed)
        return EntityRow(entity, queast_id, sequence, state, from_us(updated_at))

    def is_bookmarked(self, tenant: str, company_id: str) -> bool:
        return self.one(_IS_BOOKMARKED, tenant=tenant, company_id=company_id) is not None

    def suppressed(self, tenant: str, keys: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        return frozenset(
            (entity, queast_id)
            for entity, queast_id in keys
            if self.one(_IS_SUPPRESSED, tenant=tenant, entity=entity, queast_id=queast_id) is not None
        )

    def suppressions(self, tenant: str) -> tuple[Suppression, ...]:
        rows = self.all(_SUPPRESSIONS, tenant=tenant)
        return tuple(
            Suppression(entity, queast_id, reason, from_us(since), sequence)
            for entity, queast_id, reason, since, sequence in rows
        )

    def suppression(self, tenant: str, entity: str, queast_id: str) -> Suppression | None:
        row = self.one(_SUPPRESSION, tenant=tenant, entity=entity, queast_id=queast_id)
        return None if row is None else Suppression(entity, queast_id, row[0], from_us(row[1]), row[2])


class EntityWrites(EntityReads):
    __slots__ = ()

    def put_entity(
        self, tenant: str, entity: str, queast_id: str, sequence: int, state: bytes | None, at: datetime
    ) -> bool:
        place = ("entities", entity, queast_id, "state")
        sealed = None if state is None else self.sealer.seal(tenant, place, state)
        changed = self.change(
            _PUT,
            tenant=tenant,
            entity=entity,
            queast_id=queast_id,
            sequence=sequence,
            state=sealed,
            updated_at=to_us(at),
        )
        return changed > 0

    def set_bookmarked(self, tenant: str, company_id: str, bookmarked: bool) -> None:
        self.change(_BOOKMARK if bookmarked else _UNBOOKMARK, tenant=tenant, company_id=company_id)

    def suppress(
        self, tenant: str, entity: str, queast_id: str, reason: str, at: datetime, sequence: int | None = None
    ) -> bool:
        who = {"tenant": tenant, "entity": entity, "queast_id": queast_id}
        standing = self.suppression(tenant, entity, queast_id)
        if standing is None:
            self.change(_SUPPRESS, reason=reason, since=to_us(at), sequence=sequence, **who)
            return True
        stronger = standing.reason == FLAG and reason != FLAG
        later = standing.reason == reason and sequence is not None and sequence > (standing.sequence or -1)
        if stronger or later:
            self.change(_SUPPRESS_MORE, reason=reason, sequence=sequence, **who)
        return False

    def unsuppress(self, tenant: str, entity: str, queast_id: str) -> bool:
        return bool(self.change(_UNSUPPRESS, tenant=tenant, entity=entity, queast_id=queast_id))
