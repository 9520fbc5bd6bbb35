"""From a tenant's YAML to a worker's plans, in one step."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from compiler.tenant_folder import compile_folder, write_tenant
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.render.text import render
from queast_runtime.connectors import open_driver
from queast_runtime.ports import HttpRequest, Secrets, Sender


def compiled(
    folder: Path,
    mappings: Mapping[str, str],
    *,
    connections: str | None = None,
    policy: str | None = None,
    manifests: Path | None = None,
) -> tuple[dict[str, Any], Diagnostics]:
    """Compile tenant `acme`. Return the plans as the `scene` fixture takes them, and the findings."""
    write_tenant(folder, dict(mappings))
    if connections is not None:
        (folder / "acme" / "connections.yaml").write_text(connections, encoding="utf-8")
    if policy is not None:
        (folder / "policy.yaml").write_text(policy, encoding="utf-8")
    diagnostics = Diagnostics()
    found = compile_folder(folder, diagnostics, manifests=manifests)
    plans: tuple[MappingPlan, ...] = found.mappings
    connection_plans: tuple[ConnectionPlan, ...] = found.connections
    return {"plans": plans, "connections": connection_plans}, diagnostics


def sound(folder: Path, mappings: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """The same for documents that have no findings."""
    plans, diagnostics = compiled(folder, mappings, **more)
    assert render(diagnostics) == ""
    return plans


def over_http(one: Any, sender: Sender, secrets: Secrets) -> None:
    """Give the scene's worker the real driver, with `sender` in the place of the network."""
    one.worker.open_driver = lambda plan, gate: open_driver(plan, sender, secrets, one.clock, one.tuning, gate)


def headers_of(request: HttpRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers}
