"""Whether a delivery may still leave, asked right before its request: opt-outs, grants, and the values themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from queast_compiler.plan.codec import encode
from queast_compiler.plan.mapping import MappingPlan, RoutePlan
from queast_runtime.delivery.steps import Claimed
from queast_runtime.engine.admission import granted, grants_hold, strict_enough
from queast_runtime.engine.event import Event, read_event
from queast_runtime.engine.identifying import Found, Said, identifying, leaks
from queast_runtime.engine.intents import NAME_PATH
from queast_runtime.ports import WriteItem
from queast_runtime.ports.store import Transaction

# What an event may be about that says anything of a person: itself, or persons whom its texts name.
_ABOUT_PERSONS: Final = ("person", "signal")


@dataclass(frozen=True, slots=True)
class Leave:
    """What one mapping of today's release lets leave. `said` is all text of the plan itself."""

    plan: MappingPlan
    said: Said

    def route(self, name: str) -> RoutePlan | None:
        return next((route for route in self.plan.routes if route.name == name), None)


def leaves(plans: Iterable[MappingPlan]) -> dict[str, Leave]:
    """Return what each mapping of a release lets leave, by its name."""
    return {plan.mapping: Leave(plan, Said.by(encode(plan))) for plan in plans}


def denial(tx: Transaction, tenant: str, today: Mapping[str, Leave], claimed: Claimed, now: datetime) -> str | None:
    """Return why a delivery may not leave now, whatever admission said when it came."""
    payload, delivery = claimed.payload, claimed.taken.delivery
    if tx.suppressed(tenant, payload.people):
        return "opted out since it was put in the ledger"
    leave = today.get(delivery.mapping)
    is_strict = payload.strictness in (None, "strict")
    may_be_told = is_strict or (leave is not None and strict_enough(payload.strictness, leave.plan.scope, now))
    route = None if leave is None else leave.route(delivery.route)
    if may_be_told and (route is None or grants_hold(route, now)):
        return None
    return "its grant to leave ended while it waited"


def leak(
    tx: Transaction, tenant: str, today: Mapping[str, Leave], claimed: Claimed, item: WriteItem, now: datetime
) -> Found | None:
    """Return the first identifying value in what is about to be sent that no grant of today covers.

    The grants are those of the release that runs now: what an older one put in the ledger is held to them, too. What
    was made of an event that is no longer stored cannot be compared with it, and is taken to name somebody.
    """
    delivery = claimed.taken.delivery
    about = tx.event_entity(tenant, delivery.event_source, delivery.event_id)
    if about is not None and about not in _ABOUT_PERSONS:
        return None
    body = tx.event_body(tenant, delivery.event_source, delivery.event_id) if about is not None else None
    event = read_event(body) if body is not None else None
    if not isinstance(event, Event):
        return Found("the event that it was made of, which is gone", delivery.route)
    leave = today.get(delivery.mapping)
    paths = frozenset[str]() if leave is None else granted(leave.plan, now)
    named = frozenset(id_ for _, id_ in event.named) if NAME_PATH in paths else frozenset[str]()
    if named:
        named -= {id_ for _, id_ in tx.suppressed(tenant, event.named)}
    forbidden = identifying(event, paths, named, Said() if leave is None else leave.said)
    return next(leaks(_message(item), forbidden), None)


def _message(item: WriteItem) -> dict[str, object]:
    return {
        "values": item.values,
        "body": item.body,
        "headers": dict(item.headers),
        "reference": item.reference,
        "key": item.idempotency_key,
    }
