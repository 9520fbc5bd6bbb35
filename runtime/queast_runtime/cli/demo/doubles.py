"""The sandbox as a process of its own, so that nothing the runtime does can touch what the doubles hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from queast_runtime.cli.exits import CommandError, Exit

_START_S = 60


@dataclass(frozen=True, slots=True)
class Doubles:
    """A running sandbox. `env` is what a runtime needs to work against it."""

    env: Mapping[str, str]
    control: str
    checked_against: str

    def state(self) -> dict[str, Any]:
        """Return everything that the doubles hold and counted."""
        # The control server listens on loopback, on a port that the sandbox itself just told us: no proxy concerns it.
        state: dict[str, Any] = httpx.get(f"{self.control}/state", timeout=30, trust_env=False).json()
        return state


@contextmanager
def running(state: Path, mappings: Path, *, faults: bool, seed: int) -> Iterator[Doubles]:
    """Run the sandbox for the time of the block. Raises CommandError (environment) if it does not start."""
    command = [sys.executable, "-m", "queast_runtime.sandbox", "--mappings", str(mappings), "--seed", str(seed)]
    if faults:
        command.append("--faults")
    process = subprocess.Popen(  # noqa: S603 - our own module, no shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "QMAP_STATE": str(state)},
    )
    try:
        yield _announced(process)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _announced(process: subprocess.Popen[str]) -> Doubles:
    line = process.stdout.readline() if process.stdout else ""
    if not line.strip():
        _, complaint = process.communicate(timeout=_START_S)
        reason = complaint.strip().splitlines()[-1] if complaint.strip() else "it ended without a word"
        raise CommandError(Exit.ENVIRONMENT, f"the sandbox does not start: {reason}")
    told = json.loads(line)
    return Doubles(told["env"], told["control"], told["contract_checked_against"])
