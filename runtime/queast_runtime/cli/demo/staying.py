"""The demo that stays up: the pages and the door over its state and its doubles, until Ctrl-C."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import data, say

PORT: Final = 8080
_HOURS: Final = 8


def check_port(port: int) -> None:
    """Raise CommandError (environment) where nobody could listen at a port, before minutes are spent on the rest."""
    try:
        with socket.create_server(("127.0.0.1", port)):
            pass
    except OSError as error:
        raise CommandError(
            Exit.ENVIRONMENT, f"cannot listen at 127.0.0.1:{port}: {error.strerror}", "choose another: --port"
        ) from error


def stay_up(tenants: Sequence[str], state: Path, settings: Mapping[str, str], port: int) -> None:
    """Serve every tenant on loopback and wait. `settings` are variables: secrets, and where the doubles are.

    Raises CommandError (environment) where serving ends by itself.
    """
    env = {**os.environ, **settings, "QMAP_STATE": str(state)}
    base = [sys.executable, "-m", "queast_runtime.cli"]
    say(f"\nthe pages: http://127.0.0.1:{port}/review    log in with one of these tokens, good for {_HOURS} hours")
    for tenant in tenants:
        minting = [*base, "-q", "tokens", "mint", "--tenant", tenant, "--role", "tenant_admin", "--subject", "demo"]
        minted = subprocess.run(  # noqa: S603 - our own module, no shell
            [*minting, "--hours", str(_HOURS)], env=env, capture_output=True, text=True, check=False
        )
        if minted.returncode:
            raise CommandError(Exit.ENVIRONMENT, minted.stderr.strip() or "no token could be made")
        data(f"{tenant}\n  {minted.stdout.strip()}\n")
    serving = subprocess.Popen([*base, "serve", "--port", str(port)], env=env, stdin=subprocess.DEVNULL)  # noqa: S603
    try:
        # Ctrl-C reaches both; the one that serves ends by itself.
        while serving.poll() is None:
            with suppress(KeyboardInterrupt):
                serving.wait()
    finally:
        if serving.poll() is None:
            serving.terminate()
            serving.wait()
    if serving.returncode not in (0, Exit.INTERRUPTED, -2):
        raise CommandError(Exit.ENVIRONMENT, f"qmap serve ended with {serving.returncode}")
