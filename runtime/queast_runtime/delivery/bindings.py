"""By which plan of a connection each delivery is carried out: the one it was made by, whatever is released meanwhile.

A delivery keeps the values that its mapping gave. Where they go and how (address, operations, matching) is the
connection plan's, and the mapping's plan says which one it was compiled against. Whether they may still leave (grants,
opt-outs) is asked of today's release alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from queast_runtime.delivery.leaving import Leave
from queast_runtime.delivery.steps import Bound, Step
from queast_runtime.ports.ledger import Delivery
from queast_runtime.ports.store import Transaction

PLAN_NEED: Final = "plan:"


@dataclass(frozen=True, slots=True)
class Bindings:
    """What a lane works by at a moment. `today` is the release's own plan and `leaves` what it lets leave; `current`
    are the plans of its mappings. `older` finds what the plan of an earlier mapping is bound to, None where it is gone;
    `known` is what it found so far. `renews` says whether mirrors are kept up to date: not those of a connection that
    left the release, of which nothing is read beyond what is on its way needs.
    """

    today: Bound
    leaves: Mapping[str, Leave]
    current: frozenset[str]
    older: Callable[[str], Bound | None]
    renews: bool = True
    known: dict[str, Bound] = field(default_factory=dict)

    def of(self, row: Delivery) -> Bound | None:
        """Return what a delivery is carried out by; None where that plan cannot be had."""
        return self.bound(row.plan_digest)

    def bound(self, mapping: str) -> Bound | None:
        """Return what deliveries of one plan of a mapping are carried out by; None where it cannot be had."""
        return self.today if mapping in self.current else self.older(mapping)

    def forget_but(self, mappings: Collection[str]) -> None:
        """Drop what is known of all other older plans."""
        for mapping in tuple(self.known):
            if mapping not in mappings:
                self.known.pop(mapping, None)


def plan_need(row: Delivery) -> str:
    """What a delivery waits for whose plan cannot be had: somebody to put the file back."""
    return f"{PLAN_NEED}{row.plan_digest}"


def wake_for_plans(
    tx: Transaction, tenant: str, connection: str, has_plan: Callable[[str], bool], now: datetime
) -> int:
    """Try again what waits for a plan that is there by now; return how many became pending."""
    waiting = (need for need in tx.needs(tenant, connection) if need.startswith(PLAN_NEED))
    there = [need for need in waiting if has_plan(need.removeprefix(PLAN_NEED))]
    return sum(tx.wake(tenant, connection, need, now) for need in there)


def by_bound(steps: Iterable[Step]) -> list[tuple[Bound, Sequence[Step]]]:
    """Group steps by what they are carried out by, in order: no request holds deliveries of two plans."""
    grouped: dict[int, tuple[Bound, list[Step]]] = {}
    for step in steps:
        bound = step.claimed.bound
        grouped.setdefault(id(bound), (bound, []))[1].append(step)
    return list(grouped.values())
