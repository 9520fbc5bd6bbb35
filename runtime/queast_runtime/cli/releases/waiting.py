"""What waits for a second person: how it is kept, and how a command ends that leaves it so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import complain, say
from queast_runtime.cli.releases.awaiting import read_waiting, refuse_approved, refuse_withdrawn
from queast_runtime.cli.releases.gating import Judged
from queast_runtime.cli.releases.standing import Order, Standing
from queast_runtime.security.history import Actor, time_text
from queast_runtime.security.pending import Pending, pending_ids
from queast_runtime.security.releases import release_folder


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


def waits_already(state: Path, pending: Pending, stands: Standing) -> dict[str, Any] | None:
    """Return the row of what waits and is the same request: of the same person, for the same plans over the same
    release under the same policy. None where there is none that could still be approved."""
    for id in pending_ids(release_folder(state, pending.tenant)):
        try:
            before = read_waiting(state, pending.tenant, id)
            refuse_withdrawn(state, pending.tenant, id)
            refuse_approved(before, stands.history, id)
        except CommandError:
            # It counts for nothing, and is told of by `qmap approve`.
            continue
        if before.has_ended(pending.at) or replace(before, at=pending.at, reason=pending.reason) != pending:
            continue
        say(f"{pending.tenant}: the same waits since {time_text(before.at)} as {id}, and is what waits")
        return {"tenant": pending.tenant, "pending": id, "second": list(pending.second)}
    return None


def who_approves(tenant: str, id: str, asker: Actor) -> str:
    """Say who can approve what somebody asked for, and how: what the operator did only a person of the tenant."""
    if asker.role == "admin":
        return f"a tenant_admin of {tenant} approves it, by their token: qmap approve {id} --token TOKEN"
    return f"somebody else approves it: qmap approve {id}"


def end_with_waiting(rows: Sequence[Mapping[str, Any]], asker: Actor) -> None:
    """Say who goes on, and end the command with exit 4; nothing where nothing waits."""
    for row in rows:
        complain(
            f"{row['tenant']}: {', '.join(row['second'])} takes a second person, so nothing changed yet",
            who_approves(row["tenant"], row["pending"], asker),
        )
    if rows:
        raise SystemExit(Exit.GATED)


def more_sources(sources: Path) -> str:
    """` --sources FOLDER`, where it is not the one that is taken anyway."""
    return "" if sources == Path("mappings") else f" --sources {sources}"
