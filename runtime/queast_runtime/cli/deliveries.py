"""`qmap deliveries list|show`."""

from __future__ import annotations

from typing import Any

from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import opened_store
from queast_runtime.cli.output import Format, data, data_json, say, table
from queast_runtime.cli.status import check_connection, check_released
from queast_runtime.cli.wording import needs
from queast_runtime.ports.ledger import Attempt, Delivery, DeliveryFilter, DeliveryState


def list_(
    tenant: str, state: str | None, connection: str | None, limit: int, store_url: str | None, format: Format
) -> None:
    """Print the newest deliveries that fit, newest first."""
    states = (_state(state),) if state else ()
    with opened_store(store_url) as (_, home, store), store.read() as view:
        check_released(home, tenant)
        if connection is not None:
            check_connection(view, home, tenant, connection)
        rows = view.deliveries(tenant, DeliveryFilter(connection=connection, states=states), limit=1_000_000)
    rows = rows[-limit:][::-1]
    if format is Format.JSON:
        data_json({"deliveries": [_delivery_json(row) for row in rows]})
        return
    data(
        table(
            [
                (row.id, row.connection, row.route, row.queast_id, row.state.value, row.attempts, _why(row))
                for row in rows
            ],
            header=("ID", "CONNECTION", "ROUTE", "ENTITY", "STATE", "ATTEMPTS", "WHY"),
        )
    )
    if not rows:
        say(f"no deliveries of {tenant} fit")


def show(delivery_id: str, tenant: str, store_url: str | None, format: Format) -> None:
    """Print one delivery and its attempts. The payload is not printed: it may hold personal data."""
    with opened_store(store_url) as (_, home, store), store.read() as view:
        check_released(home, tenant)
        row = view.delivery(tenant, delivery_id)
        attempts = view.attempts(tenant, delivery_id) if row else ()
    if row is None:
        raise CommandError(
            Exit.USAGE, f"tenant {tenant} has no delivery {delivery_id}", f"see: qmap deliveries list --tenant {tenant}"
        )
    if format is Format.JSON:
        data_json({"delivery": _delivery_json(row), "attempts": [_attempt_json(each) for each in attempts]})
        return
    facts = [(key, value) for key, value in _delivery_json(row).items() if value not in (None, "", [])]
    data(table([(key, _plain(value)) for key, value in facts]))
    if attempts:
        data("\n")
        data(
            table(
                [
                    (
                        each.number,
                        _time(each.started_at),
                        "looked up" if each.reconciling else "sent",
                        each.phase.value if each.phase else "running",
                        each.status or "-",
                        each.error_class.value if each.error_class else "ok" if each.ended_at else "-",
                        each.message or "",
                    )
                    for each in attempts
                ],
                header=("ATTEMPT", "STARTED", "WHAT", "PHASE", "STATUS", "RESULT", "MESSAGE"),
            )
        )


def _state(name: str) -> DeliveryState:
    try:
        return DeliveryState(name)
    except ValueError:
        known = ", ".join(state.value for state in DeliveryState)
        raise CommandError(Exit.USAGE, f"no state is called {name}", f"one of: {known}") from None


def _why(row: Delivery) -> str:
    if row.state is DeliveryState.WAITING:
        return needs(row.needs)
    if row.error_class is not None and row.state is not DeliveryState.DELIVERED:
        return f"{row.error_class.value}: {row.error_message or ''}".rstrip(": ")
    if row.state in (DeliveryState.SUPERSEDED, DeliveryState.CANCELLED, DeliveryState.DELIVERED):
        return row.error_message or ""
    return ""


def _delivery_json(row: Delivery) -> dict[str, Any]:
    return {
        "id": row.id,
        "connection": row.connection,
        "mapping": row.mapping,
        "route": row.route,
        "plan": row.plan_digest,
        "event": row.event_id,
        "entity": row.entity,
        "queast_id": row.queast_id,
        "object": row.object,
        "partner_id": row.partner_id,
        "state": row.state.value,
        "needs": list(row.needs),
        "attempts": row.attempts,
        "next_due": _time(row.next_due) if row.state in (DeliveryState.PENDING, DeliveryState.UNKNOWN) else None,
        "error": row.error_class.value if row.error_class else None,
        "message": row.error_message,
        "webhook_id": row.idempotency_key,
        "created_at": _time(row.created_at),
        "ended_at": _time(row.ended_at) if row.ended_at else None,
    }


def _attempt_json(each: Attempt) -> dict[str, Any]:
    return {
        "number": each.number,
        "reconciling": each.reconciling,
        "started_at": _time(each.started_at),
        "ended_at": _time(each.ended_at) if each.ended_at else None,
        "phase": each.phase.value if each.phase else None,
        "status": each.status,
        "error": each.error_class.value if each.error_class else None,
        "message": each.message,
    }


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _time(moment: Any) -> str:
    return str(moment.isoformat(timespec="milliseconds")).replace("+00:00", "Z")
