"""What waits for a second person: how it is kept, and how a command ends that leaves it so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from queast_runtime.cli.exits import Exit
from queast_runtime.cli.output import complain
from queast_runtime.cli.releases.gating import Judged
from queast_runtime.cli.releases.standing import Order, Standing
from queast_runtime.security.pending import Pending


def pending_of(order: Order, judged: Judged, stands: Standing, policy: str) -> Pending:
    """Return what is kept of a release until somebody else approves it. `policy` is the digest of today's."""
    return Pending(
        tenant=order.plans.tenant,
        kind=order.kind,
        at=datetime.now(UTC).replace(microsecond=0),
        actor=order.actor,
        reason=order.reason,
        accepted=judged.accepted,
        second=judged.second,
        again=order.again,
        connections=order.plans.connections,
        mappings=order.plans.mappings,
        was_connections=dict(stands.connections),
        was_mappings=dict(stands.mappings),
        policy=policy,
        went_back=order.went_back,
    )


def end_with_waiting(rows: Sequence[Mapping[str, Any]]) -> None:
    """Say who goes on, and end the command with exit 4; nothing where nothing waits."""
    for row in rows:
        complain(
            f"{row['tenant']}: {', '.join(row['second'])} takes a second person, so nothing changed yet",
            f"somebody else approves it: qmap approve {row['pending']}",
        )
    if rows:
        raise SystemExit(Exit.GATED)


def more_sources(sources: Path) -> str:
    """` --sources FOLDER`, where it is not the one that is taken anyway."""
    return "" if sources == Path("mappings") else f" --sources {sources}"
