"""How a sandbox is set up and where it can be reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from queast_runtime.sandbox.faults import FaultRates

Kind = Literal["hubspot", "pipedrive", "webhook"]


@dataclass(frozen=True, slots=True)
class Seat:
    """One destination of one example tenant: which double stands for `origin`, and which secret opens it.

    `account` is the portal id or company id (empty for webhooks). `records` is a JSON file of records that exist
    before anything is sent, None for none.
    """

    kind: Kind
    origin: str
    tenant: str
    secret: str
    account: str
    records: Path | None = None

    @property
    def variable(self) -> str:
        """The environment variable in which the runtime looks for this secret."""
        return f"QMAP_SECRET_{self.tenant}__{self.secret}".upper().replace("-", "_")


def example_seats(mappings: Path | None = None) -> tuple[Seat, ...]:
    """Return the seats of the example tenants; `mappings` is the folder with their pre-existing records."""

    def records(tenant: str) -> Path | None:
        path = None if mappings is None else mappings / tenant / "sandbox.json"
        return path if path is not None and path.exists() else None

    return (
        Seat("hubspot", "https://api.hubapi.com", "acme", "hubspot-main", "24512345", records("acme")),
        Seat("pipedrive", "https://api.pipedrive.com", "nordlys", "pipedrive-main", "7712345", records("nordlys")),
        Seat("webhook", "https://hooks.fjordbank.example", "fjordbank", "warehouse", ""),
    )


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """`state` keeps records and secrets over restarts (None: memory only). Times in seconds.

    `lag_s` is the delay of both searches. `late_s` is when a `late` create takes effect; it must stay below the
    settle time that the addresses announce. `hang_s` bounds how long an unanswered request is held open.
    `vendor_specs` is the folder of vendor descriptions. Port 0 takes a free port.
    """

    seats: tuple[Seat, ...] = field(default_factory=example_seats)
    state: Path | None = None
    seed: int = 1
    faults: FaultRates = field(default_factory=FaultRates)
    lag_s: float = 0.5
    late_s: float = 1.1
    hang_s: float = 30.0
    retry_after_s: int = 1
    vendor_specs: Path | None = None
    ports: tuple[int, ...] = ()
    control_port: int = 0


@dataclass(frozen=True, slots=True)
class SandboxAddresses:
    """Where a started sandbox listens. `origins` is the value of `QMAP_SANDBOX_ORIGINS`.

    `env` holds every operator setting that a runtime needs to work against it, the origins and secrets among them.
    """

    origins: str
    ports: tuple[tuple[str, int], ...]
    control: str
    env: tuple[tuple[str, str], ...]
    contract_checked_against: str
