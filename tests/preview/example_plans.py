"""The example tenants' plans, ready to be rehearsed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from queast_compiler.codegen import LoadedMapping, load_mapping
from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.cli.compiling import compile_selection
from queast_runtime.cli.places import Selection

MAPPINGS = Path(__file__).parents[2] / "mappings"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Plans:
    connections: dict[str, ConnectionPlan]
    mappings: tuple[LoadedMapping, ...]


@cache
def plans_of(tenant: str) -> Plans:
    compiled = compile_selection(Selection(MAPPINGS, tenant, None)).compiled
    return Plans(
        {plan.connection: plan for plan in compiled.connections},
        tuple(load_mapping(plan) for plan in compiled.mappings),
    )


def stream(tenant: str, count: int) -> list[bytes]:
    """The first lines of an example tenant's events."""
    lines = (MAPPINGS / tenant / "events" / "stream.jsonl").read_bytes().splitlines()
    return [line for line in lines if line.strip()][:count]


def seeds(tenant: str, object_: str) -> list[dict[str, Any]]:
    """The records that the double of an example tenant's account starts with."""
    found: dict[str, list[dict[str, Any]]] = json.loads((MAPPINGS / tenant / "sandbox.json").read_text())
    return [
        {**{name: value for name, value in each.items() if name != "custom_fields"}, **each.get("custom_fields", {})}
        for each in found[object_]
    ]
