"""A worker's connections, open: their drivers, the gates with their budgets, and which plan a delivery goes by."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.delivery.bindings import Bindings
from queast_runtime.delivery.budget import Budget, Meter, Tariff, merged, read_tariff, succession
from queast_runtime.delivery.desk import Desk
from queast_runtime.delivery.leaving import leaves
from queast_runtime.delivery.steps import Bound, Place
from queast_runtime.delivery.turnstile import Turnstile
from queast_runtime.observability.log import warn
from queast_runtime.ports import Clock, Driver, Gate, Tuning
from queast_runtime.worker.shelf import Release, Shelf


@dataclass(slots=True)
class Connections:
    """What is opened once for a connection and kept while the worker lives. See `Worker` for its fields."""

    open_driver: Callable[[ConnectionPlan, Gate], Driver]
    clock: Clock
    tuning: Tuning
    hash_key: bytes = field(repr=False)
    nap: Callable[[float], Awaitable[None]]
    shelf: Shelf | None
    _drivers: dict[tuple[str, str], tuple[ConnectionPlan, Driver]] = field(default_factory=dict)
    _turnstiles: dict[tuple[str, str], Turnstile] = field(default_factory=dict)
    _meters: dict[tuple[str, ...], Meter] = field(default_factory=dict)

    def plan_of(self, tenant: str, name: str, mapping: str) -> ConnectionPlan | None:
        plan = None if self.shelf is None else self.shelf.connection_of(tenant, mapping)
        return plan if plan is not None and plan.connection == name else None

    def bindings(self, release: Release, connection: ConnectionPlan, epoch: int) -> Bindings:
        tenant, name = release.tenant, connection.connection
        place = Place(tenant, connection, epoch, release.digest, self.hash_key)
        today = Bound(place, self.driver(tenant, connection))
        known: dict[str, Bound] = {}

        def older(mapping: str) -> Bound | None:
            if self.shelf is None:
                return today
            plan = None if mapping in known else self.plan_of(tenant, name, mapping)
            if plan is not None:
                same = next((each for each in (today, *tuple(known.values())) if each.place.connection == plan), None)
                bound = same or self._opened(replace(place, connection=plan))
                if bound is not None:
                    known[mapping] = bound
            return known.get(mapping)

        mine = (each.digest for each in release.mappings if each.plan.connection == name)
        current = frozenset(mine) if name in release.connections else frozenset[str]()
        permits = leaves(each.plan for each in release.mappings)
        return Bindings(today, permits, current, older, name in release.connections, known)

    def _opened(self, place: Place) -> Bound | None:
        try:
            return Bound(place, self.open_driver(place.connection, self.turnstile(place.tenant, place.connection)))
        except (KeyError, TypeError, ValueError) as error:
            # A manifest of another version: what was made by it waits, and holds nothing else up.
            warn("older plan unusable", tenant=place.tenant, connection=place.name, error=type(error).__name__)
            return None

    async def started(self, tenant: str, connection: ConnectionPlan, desk: Desk) -> Turnstile:
        """The connection's gate, with what was spent of its budgets by earlier processes."""
        name, turnstile = connection.connection, self.turnstile(tenant, connection)
        if not turnstile.started:
            now = self.clock.now()
            days = [datetime.combine(now.date() - timedelta(days=n), time(), UTC) for n in (0, 1)]
            spent = await desk.do(lambda tx: {day: tx.counters(tenant, name, day.date()) for day in days})
            state = await desk.do(lambda tx: tx.connection_state(tenant, name))
            turnstile.start(state.last_success is not None, now, spent)
        return turnstile

    def driver(self, tenant: str, connection: ConnectionPlan) -> Driver:
        key = (tenant, connection.connection)
        kept = self._drivers.get(key)
        if kept is None or kept[0] != connection:
            kept = (connection, self.open_driver(connection, self.turnstile(tenant, connection)))
            self._drivers[key] = kept
        return kept[1]

    def close(self, tenant: str, name: str) -> None:
        """Let the driver of a connection go; what was spent of its budgets stays known."""
        self._drivers.pop((tenant, name), None)

    def turnstile(self, tenant: str, connection: ConnectionPlan) -> Turnstile:
        key = (tenant, connection.connection)
        if key not in self._turnstiles:
            self._turnstiles[key] = Turnstile(
                self._budget(tenant, connection), self.clock, connection.time_zone, self.nap
            )
        return self._turnstiles[key]

    def _budget(self, tenant: str, connection: ConnectionPlan) -> Budget:
        tariff = read_tariff(connection.manifest, connection.connector, self.tuning)
        return Budget(tariff, self._shared_meters(tenant, connection, tariff))

    def retune(self, release: Release) -> None:
        """Hold the connections of a release that are open already to its limits; what was spent stays spent, whatever
        the windows are called now and whoever shares them."""
        tenant, now_s = release.tenant, self.clock.monotonic()
        others = [
            each for key, each in self._turnstiles.items() if key[0] != tenant or key[1] not in release.connections
        ]
        elsewhere = {id(meter) for each in others for meter in each.budget.meters.values()}
        changed: list[tuple[Turnstile, Budget]] = []
        sources: dict[int, tuple[Meter, dict[int, Meter]]] = {}
        for connection in release.connections.values():
            turnstile = self._turnstiles.get((tenant, connection.connection))
            if turnstile is None:
                continue
            turnstile.zone = connection.time_zone
            budget, old = self._budget(tenant, connection), turnstile.budget
            for window, was in succession(old.tariff, budget.tariff):
                meter, spent = budget.meters[window.name], old.meters.get(was.name)
                if spent is not None:
                    sources.setdefault(id(meter), (meter, {}))[1][id(spent)] = spent
            same = all(budget.meters.get(name) is meter for name, meter in old.meters.items())
            if budget.tariff != old.tariff or not same:
                changed.append((turnstile, budget))
        taken = [
            (meter, merged(tuple(each.values())))
            for key, (meter, each) in sources.items()
            # One that a connection out of the release goes on with may have been charged more.
            if set(each) != {key} and not (key in elsewhere and meter.total >= sum(one.total for one in each.values()))
        ]
        for meter, sum_ in taken:
            meter.rows, meter.total = sum_.rows, sum_.total
            meter.foreign, meter.foreign_until = sum_.foreign, sum_.foreign_until
        for turnstile, budget in changed:
            budget.start(now_s, after_restart=True, history={})
            turnstile.budget = budget

    def _shared_meters(self, tenant: str, connection: ConnectionPlan, tariff: Tariff) -> dict[str, Meter]:
        """One meter for all connections of a tenant that the destination counts together."""
        secrets = tuple(sorted(secret for _, secret in connection.secrets))
        sharers = {
            "connection": (connection.connection,),
            "credential": (connection.connector, *secrets),
            "account": (connection.connector, connection.account),
        }
        return {
            window.name: self._meters.setdefault((tenant, window.name, window.scope, *sharers[window.scope]), Meter())
            for window in tariff.windows
        }
