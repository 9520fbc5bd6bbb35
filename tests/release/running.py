"""A worker over a state folder with releases in it, and a destination in memory for each plan of a connection."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from engine_plans import COMPANY, NAME, SIGNAL, TITLE, connection_plan, field_plan, mapping_plan, route_plan
from memory_destination import Jumping, Memory
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.directory import PlanSet, plan_digest, plan_set
from queast_compiler.plan.ir import Path as Said
from queast_compiler.plan.mapping import MappingPlan
from queast_compiler.plan.release import sign
from queast_runtime.ports import Gate, Tuning
from queast_runtime.ports.ledger import Delivery, DeliveryFilter
from queast_runtime.security.keys import development_key, trusted_keys
from queast_runtime.security.releases import stored_sequence, write_release
from queast_runtime.security.sealing import open_sealer
from queast_runtime.store.open import open_store
from queast_runtime.worker import Receipt, Worker
from queast_runtime.worker.shelf import StoredReleases

SIGNED_AT = datetime(2026, 6, 1, tzinfo=UTC)
FIRST, SECOND, THIRD = "https://first.example", "https://second.example", "https://third.example"
ID = Said("signal", ("id",), "str", (False,))
HOOK = connection_plan("hook", url=FIRST)
TITLES = mapping_plan(route_plan("signal", "send", name="events", body=TITLE), connection="hook")
IDS = mapping_plan(route_plan("signal", "send", name="events", body=ID), connection="hook")
CRM = connection_plan(url=FIRST)
COMPANIES = replace(
    mapping_plan(route_plan("company", "upsert", name="companies", fields=(field_plan("name", NAME),))),
    mapping="companies",
)


def store_release(
    state: Path, connections: Sequence[ConnectionPlan], mappings: Sequence[MappingPlan], tenant: str = "acme"
) -> PlanSet:
    """Sign and store a tenant's next release; each mapping is bound to the plan of its connection."""
    connections = [replace(each, tenant=tenant) for each in connections]
    digests = {each.connection: plan_digest(each) for each in connections}
    bound = [replace(each, tenant=tenant, connection_digest=digests[each.connection]) for each in mappings]
    plans = plan_set(tenant, connections, bound)
    sequence = stored_sequence(state, tenant) + 1
    write_release(state, sign(plans, sequence=sequence, created_at=SIGNED_AT, key=development_key(state)), plans)
    return plans


@dataclass
class Running:
    """One worker; `restart` opens everything again. `memories` are the destinations, by the address of their plan."""

    state: Path
    clock: Jumping = field(default_factory=Jumping)
    memories: dict[str, Memory] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.store = open_store(f"sqlite:///{self.state / 'queast.db'}", open_sealer(self.state, self.clock))
        shelf = StoredReleases(self.state, partial(trusted_keys, self.state))
        rates = Tuning(rates={"hubspot": 10_000, "webhook": 10_000})
        releases = {"acme": shelf.first("acme", 0)}
        self.worker = Worker(
            self.store, releases, self._driver, self.clock, rates, b"k" * 32, self.clock.nap, shelf=shelf
        )

    def _driver(self, plan: ConnectionPlan, gate: Gate) -> Memory:
        memory = self.memories.setdefault(plan.url, Memory())
        memory.gate = gate
        return memory

    def restart(self) -> None:
        self.store.close()
        self.open()

    def signal(self, number: int) -> dict[str, Any]:
        company = {**COMPANY, "id": f"c_{number}", "domain": f"n{number}.example"}
        return self._event("signal.created", {"signal": {**SIGNAL, "id": f"s_{number}", "company": company}})

    def company(self, number: int, name: str, sequence: int = 3) -> dict[str, Any]:
        body = {"id": f"c_{number}", "sequence": sequence, "name": name, "domain": f"n{number}.example"}
        return self._event("company.updated", {"company": body})

    def _event(self, type_: str, data: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        return {
            "specversion": "1.0",
            "id": f"e_{self.count}",
            "source": "queast",
            "type": f"queast.{type_}",
            "time": "2026-03-01T10:00:00Z",
            "data": data,
        }

    def submit(self, *events: dict[str, Any]) -> Receipt:
        return asyncio.run(self.worker.submit(events))

    def drain(self, patience_s: float | None = None) -> None:
        asyncio.run(asyncio.wait_for(self.worker.run_until_idle(patience_s=patience_s), 30))

    def deliveries(self) -> list[Delivery]:
        with self.store.read() as snapshot:
            return sorted(snapshot.deliveries("acme", DeliveryFilter(), limit=1_000), key=lambda row: row.position)

    def states(self) -> list[str]:
        return [row.state.value for row in self.deliveries()]

    def sent(self, url: str) -> list[Any]:
        """What a destination was sent, and it was sent each once."""
        bodies = self.memories[url].sent.values() if url in self.memories else ()
        assert all(len(each) == 1 for each in bodies)
        return sorted((each[0] for each in bodies), key=str)
