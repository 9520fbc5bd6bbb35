"""What is kept per connection: pauses, the last success, daily counters and small facts; and the accepted release."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime

from queast_runtime.ports.driver import JsonObject
from queast_runtime.ports.rows import AcceptedRelease, ConnectionState, ReleaseOlder
from queast_runtime.store.sql import Access, Sql, from_us, from_us_or_none, to_us, to_us_or_none

_STATE = Sql(
    "SELECT paused, paused_until, paused_reason, last_success FROM connection_states"
    " WHERE tenant = :tenant AND connection = :connection"
)
_PAUSE = Sql(
    "INSERT INTO connection_states (tenant, connection, paused, paused_until, paused_reason)"
    " VALUES (:tenant, :connection, 1, :until, :reason) ON CONFLICT (tenant, connection) DO UPDATE"
    " SET paused = 1, paused_until = excluded.paused_until, paused_reason = excluded.paused_reason"
)
_RESUME = Sql(
    "UPDATE connection_states SET paused = 0, paused_until = NULL, paused_reason = NULL"
    " WHERE tenant = :tenant AND connection = :connection"
)
_SUCCESS = Sql(
    "INSERT INTO connection_states (tenant, connection, paused, last_success)"
    " VALUES (:tenant, :connection, 0, :at) ON CONFLICT (tenant, connection) DO UPDATE"
    " SET last_success = excluded.last_success"
    " WHERE coalesce(connection_states.last_success, 0) < excluded.last_success"
)
_COUNTERS = Sql(
    "SELECT name, total FROM counters WHERE tenant = :tenant AND connection = :connection AND day = :day ORDER BY name"
)
_COUNT = Sql(
    "INSERT INTO counters (tenant, connection, day, name, total) VALUES (:tenant, :connection, :day, :name, :add)"
    " ON CONFLICT (tenant, connection, day, name) DO UPDATE SET total = counters.total + excluded.total"
)
_FACTS = Sql("SELECT name, value FROM facts WHERE tenant = :tenant AND connection = :connection ORDER BY name")
_PUT_FACT = Sql(
    "INSERT INTO facts (tenant, connection, name, value) VALUES (:tenant, :connection, :name, :value)"
    " ON CONFLICT (tenant, connection, name) DO UPDATE SET value = excluded.value"
)
_DROP_FACT = Sql("DELETE FROM facts WHERE tenant = :tenant AND connection = :connection AND name = :name")
_RELEASE = Sql("SELECT sequence, digest, accepted_at FROM releases WHERE tenant = :tenant")
_ACCEPT = Sql(
    "INSERT INTO releases (tenant, sequence, digest, accepted_at) VALUES (:tenant, :sequence, :digest, :at)"
    " ON CONFLICT (tenant) DO UPDATE SET sequence = excluded.sequence, digest = excluded.digest,"
    " accepted_at = excluded.accepted_at WHERE excluded.sequence > releases.sequence"
)


class ConnectionReads(Access):
    __slots__ = ()

    def connection_state(self, tenant: str, connection: str) -> ConnectionState:
        row = self.one(_STATE, tenant=tenant, connection=connection)
        if row is None:
            return ConnectionState(paused=False, paused_until=None, paused_reason=None, last_success=None)
        paused, until, reason, last_success = row
        return ConnectionState(bool(paused), from_us_or_none(until), reason, from_us_or_none(last_success))

    def counters(self, tenant: str, connection: str, day: date) -> Mapping[str, int]:
        rows = self.all(_COUNTERS, tenant=tenant, connection=connection, day=day.isoformat())
        return {name: int(total) for name, total in rows}

    def facts(self, tenant: str, connection: str) -> Mapping[str, JsonObject]:
        rows = self.all(_FACTS, tenant=tenant, connection=connection)
        return {name: json.loads(value) for name, value in rows}

    def accepted_release(self, tenant: str) -> AcceptedRelease | None:
        row = self.one(_RELEASE, tenant=tenant)
        return None if row is None else AcceptedRelease(row[0], row[1], from_us(row[2]))


class ConnectionWrites(ConnectionReads):
    __slots__ = ()

    def pause(self, tenant: str, connection: str, until: datetime | None, reason: str) -> None:
        self.change(_PAUSE, tenant=tenant, connection=connection, until=to_us_or_none(until), reason=reason)

    def resume(self, tenant: str, connection: str) -> None:
        self.change(_RESUME, tenant=tenant, connection=connection)

    def record_success(self, tenant: str, connection: str, at: datetime) -> None:
        self.change(_SUCCESS, tenant=tenant, connection=connection, at=to_us(at))

    def count(self, tenant: str, connection: str, day: date, name: str, add: int = 1) -> None:
        self.change(_COUNT, tenant=tenant, connection=connection, day=day.isoformat(), name=name, add=add)

    def put_fact(self, tenant: str, connection: str, name: str, value: JsonObject | None) -> None:
        if value is None:
            self.change(_DROP_FACT, tenant=tenant, connection=connection, name=name)
            return
        text = json.dumps(value, sort_keys=True, ensure_ascii=False)
        self.change(_PUT_FACT, tenant=tenant, connection=connection, name=name, value=text)

    def accept_release(self, tenant: str, sequence: int, digest: str, at: datetime) -> bool:
        if self.change(_ACCEPT, tenant=tenant, sequence=sequence, digest=digest, at=to_us(at)):
            return True
        standing = self.accepted_release(tenant)
        if standing is None:
            raise RuntimeError("a release was refused by an accepted one that is not there")
        if standing.sequence == sequence and standing.digest == digest:
            return False
        if standing.sequence == sequence:
            raise ReleaseOlder(f"release {sequence} was accepted before with another content; publish a new one")
        raise ReleaseOlder(
            f"release {sequence} is older than {standing.sequence}, which was accepted before; publish a new one"
        )
