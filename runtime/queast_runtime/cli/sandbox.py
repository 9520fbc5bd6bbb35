"""`qmap sandbox`: the doubles in the foreground, until Ctrl-C."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path

from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import settings_for
from queast_runtime.cli.output import Format, data, data_json, say
from queast_runtime.sandbox.contract import VendorDocumentsUnreadable
from queast_runtime.sandbox.records import SeedRecordsUnusable
from queast_runtime.sandbox.settings import SandboxAddresses


def run(seed: int, faults: bool, format: Format) -> None:
    """Serve until SIGINT or SIGTERM. Exit 5 where a port, the state or the vendors' documents cannot be used."""
    from queast_runtime.sandbox.__main__ import serve, settings_from_environment

    settings_for(None)
    mappings = Path("mappings")
    settings = settings_from_environment(mappings if mappings.is_dir() else None, faults=faults, seed=seed)
    try:
        asyncio.run(serve(settings, lambda addresses: _announce(addresses, format)))
    except (VendorDocumentsUnreadable, SeedRecordsUnusable, OSError) as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot start the sandbox: {error}") from error


def _announce(addresses: SandboxAddresses, format: Format) -> None:
    if format is Format.JSON:
        data_json({"origins": addresses.origins, "control": addresses.control, "env": dict(addresses.env)})
        return
    for name, value in addresses.env:
        data(f"export {name}={shlex.quote(value)}\n")
    say(f"the doubles listen; what they hold: {addresses.control}/state")
    say("use the settings above in another terminal, then: qmap run --tenant acme mappings/acme/events/*.jsonl")
