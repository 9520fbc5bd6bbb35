"""The driver that runs compiled connector manifests, and the one HTTP door."""

from __future__ import annotations

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.connectors.driver import ManifestDriver
from queast_runtime.connectors.exchange import Exchange
from queast_runtime.ports import Clock, Driver, Gate, Secrets, Sender, Tuning


def open_driver(
    plan: ConnectionPlan, sender: Sender, secrets: Secrets, clock: Clock, tuning: Tuning, gate: Gate | None = None
) -> Driver:
    """Return the driver of a connection. Opens nothing: names, connections and secrets are looked up when needed.

    Each request passes `gate` by the name of its operation; without one nothing waits.
    """
    return ManifestDriver(Exchange(plan, sender, secrets, clock, tuning, gate))
