"""A worker over the real store, with destinations in memory and a clock that jumps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine_plans import COMPANY, SIGNAL, connection_plan, mapping_plan
from memory_destination import Jumping, Memory
from queast_compiler.codegen import load_mapping
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import MappingPlan
from queast_runtime.ports import Gate, Tuning
from queast_runtime.ports.ledger import Delivery, DeliveryFilter
from queast_runtime.security.sealing import open_sealer
from queast_runtime.worker import Receipt, Worker
from schema_copy import open_copy


@dataclass(frozen=True)
class Release:
    tenant: str
    sequence: int
    digest: str
    connections: dict[str, ConnectionPlan]
    mappings: tuple[Any, ...]


@dataclass
class Scene:
    """One tenant's worker. `restart` opens the same database again, as a new process would."""

    folder: Path
    clock: Jumping = field(default_factory=Jumping)
    memory: Memory = field(default_factory=Memory)
    plans: tuple[MappingPlan, ...] = ()
    connections: tuple[ConnectionPlan, ...] = ()
    tuning: Tuning = field(default_factory=lambda: Tuning(rates={"hubspot": 10_000, "webhook": 10_000}))
    count: int = 0

    def __post_init__(self) -> None:
        self.plans = self.plans or (mapping_plan(),)
        self.connections = self.connections or (connection_plan(),)
        self.open()

    def open(self) -> None:
        self.store = open_copy(self.folder / "queast.db", open_sealer(self.folder, self.clock))
        release = Release(
            "acme",
            1,
            "sha256:r1",
            {plan.connection: plan for plan in self.connections},
            tuple(load_mapping(plan) for plan in self.plans),
        )
        self.worker = Worker(
            self.store,
            {"acme": release},
            self.open_driver,
            self.clock,
            self.tuning,
            b"k" * 32,
            self.clock.nap,
        )

    def open_driver(self, plan: ConnectionPlan, gate: Gate) -> Memory:
        self.memory.gate = gate
        return self.memory

    def restart(self) -> None:
        self.store.close()
        self.open()

    def event(self, type_: str, data: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        return {
            "specversion": "1.0",
            "id": f"e_{self.count}",
            "source": "queast",
            "type": f"queast.{type_}",
            "time": "2026-03-01T10:00:00Z",
            "data": data,
        }

    def company(self, kind: str = "updated", **changes: Any) -> dict[str, Any]:
        return self.event(f"company.{kind}", {"company": {**COMPANY, **changes}})

    def signal(self, kind: str = "created", **changes: Any) -> dict[str, Any]:
        return self.event(f"signal.{kind}", {"signal": {**SIGNAL, **changes}})

    def submit(self, *events: Any) -> Receipt:
        return asyncio.run(self.worker.submit(events))

    def drain(self, patience_s: float | None = None) -> None:
        asyncio.run(asyncio.wait_for(self.worker.run_until_idle(patience_s=patience_s), 30))

    def deliveries(self) -> tuple[Delivery, ...]:
        with self.store.read() as snapshot:
            return snapshot.deliveries("acme", DeliveryFilter(), limit=10_000)

    def states(self) -> list[str]:
        return [row.state.value for row in self.deliveries()]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Callable[..., Scene]]:
    made: list[Scene] = []

    def make(**changes: Any) -> Scene:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Scene(folder, **changes))
        return made[-1]

    yield make
    for one in made:
        one.store.close()
