"""`python -m queast_runtime.sandbox`: run the doubles until SIGTERM or SIGINT, addresses as one JSON line on stdout."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from queast_runtime.sandbox.contract import VendorDocumentsUnreadable
from queast_runtime.sandbox.faults import MODERATE, FaultRates
from queast_runtime.sandbox.records import SeedRecordsUnusable
from queast_runtime.sandbox.server import Sandbox
from queast_runtime.sandbox.settings import SandboxAddresses, SandboxSettings, example_seats

_EXIT_ENVIRONMENT = 5


def settings_from_environment(mappings: Path | None, *, faults: bool, seed: int) -> SandboxSettings:
    """Return settings from `QMAP_STATE` (default `.qmap`) and `QMAP_VENDOR_SPECS`; `mappings` holds the tenants."""
    specs = os.environ.get("QMAP_VENDOR_SPECS")
    return SandboxSettings(
        seats=example_seats(mappings),
        state=Path(os.environ.get("QMAP_STATE", ".qmap")) / "sandbox",
        seed=seed,
        faults=MODERATE if faults else FaultRates(),
        vendor_specs=Path(specs) if specs else None,
    )


def announcement(addresses: SandboxAddresses) -> str:
    """Return the one JSON line: `origins`, `ports`, `control`, `env`, `contract_checked_against`."""
    return json.dumps(
        {
            "origins": addresses.origins,
            "ports": dict(addresses.ports),
            "control": addresses.control,
            "env": dict(addresses.env),
            "contract_checked_against": addresses.contract_checked_against,
        }
    )


def print_announcement(addresses: SandboxAddresses) -> None:
    sys.stdout.write(announcement(addresses) + "\n")
    sys.stdout.flush()


async def serve(settings: SandboxSettings, announce: Callable[[SandboxAddresses], None] = print_announcement) -> None:
    """Run until SIGTERM or SIGINT; `announce` is called once all doubles listen. Raises what `Sandbox.start` raises."""
    sandbox = Sandbox(settings)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    announce(await sandbox.start())
    await ended.wait()
    await sandbox.stop()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m queast_runtime.sandbox", description=__doc__)
    parser.add_argument("--mappings", type=Path, default=None, help="folder of example tenants with their records")
    parser.add_argument("--faults", action="store_true", help="inject faults at moderate rates")
    parser.add_argument("--seed", type=int, default=1, help="seed of the fault schedule")
    parser.add_argument("--control-port", type=int, default=0)
    chosen = parser.parse_args(arguments)
    settings = settings_from_environment(chosen.mappings, faults=chosen.faults, seed=chosen.seed)
    try:
        asyncio.run(serve(replace(settings, control_port=chosen.control_port)))
    except (VendorDocumentsUnreadable, SeedRecordsUnusable, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return _EXIT_ENVIRONMENT
    return 0


if __name__ == "__main__":
    sys.exit(main())
