"""`qmap sandbox`: the doubles in the foreground, until Ctrl-C."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import settings_for
from queast_runtime.cli.output import Format, data, data_json, say
from queast_runtime.sandbox.contract import VendorDocumentsUnreadable
from queast_runtime.sandbox.records import SeedRecordsUnusable
from queast_runtime.sandbox.settings import SandboxAddresses, Seat


def run(seed: int, faults: bool, format: Format) -> None:
    """Serve until SIGINT or SIGTERM. Exit 5 where a port, the state or the vendors' documents cannot be used."""
    from queast_runtime.cli.seats import seats_of
    from queast_runtime.sandbox.__main__ import serve, settings_from_environment

    settings_for(None)
    seats = seats_of(Path("mappings"))
    settings = replace(settings_from_environment(None, faults=faults, seed=seed), seats=seats.taken)
    for each in seats.left_out:
        say(f"nothing stands in for connection {each}: there is one double of a kind, and another connection has it")
    try:
        asyncio.run(serve(settings, lambda addresses: _announce(addresses, seats.taken, format)))
    except (VendorDocumentsUnreadable, SeedRecordsUnusable, OSError) as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot start the sandbox: {error}") from error


def _announce(addresses: SandboxAddresses, seats: Sequence[Seat], format: Format) -> None:
    if format is Format.JSON:
        data_json({"origins": addresses.origins, "control": addresses.control, "env": dict(addresses.env)})
        return
    data("".join(f"export {name}={shlex.quote(value)}\n" for name, value in addresses.env))
    tenant = seats[0].tenant
    say(f"the doubles listen; what they hold: {addresses.control}/state")
    say(
        f"use the settings above in another terminal, then: qmap run --tenant {tenant} mappings/{tenant}/events/*.jsonl"
    )
