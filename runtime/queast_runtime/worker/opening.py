"""Opens a worker over a state folder: verified releases, drivers over the one HTTP door, keys."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.dsse import key_id
from queast_compiler.plan.release import ReleaseRefused
from queast_runtime.connectors import open_driver
from queast_runtime.connectors.http import HttpSender
from queast_runtime.observability.faults import wrong_setting
from queast_runtime.ports import Driver, Gate
from queast_runtime.ports.rows import ReleaseOlder
from queast_runtime.ports.store import Store
from queast_runtime.security.egress import SANDBOX_VARIABLE, SandboxOriginsInvalid, sandbox_origins
from queast_runtime.security.keys import KeyUnusable, development_key, trusted_keys
from queast_runtime.security.secrets import EnvironmentSecrets
from queast_runtime.settings import Settings
from queast_runtime.worker.clock import SystemClock
from queast_runtime.worker.loop import Worker
from queast_runtime.worker.shelf import StoredReleases

_KEY_BYTES: Final = 32


class WorkerRefused(Exception):
    """A release that must not run, or keys that cannot be read; the message says which and why."""


class SettingUnusable(Exception):
    """An operator setting that cannot be used; the message names the variable."""


@asynccontextmanager
async def opened_worker(
    settings: Settings, state: Path, store: Store, tenants: Sequence[str], *, every: bool = False
) -> AsyncIterator[Worker]:
    """Open a worker for these tenants inside the running loop; with `every` also for those that publish their first
    release while it runs. Raises WorkerRefused, SettingUnusable."""
    wrong = wrong_setting()
    if wrong is not None:
        raise SettingUnusable(wrong)
    clock, secrets, tuning = SystemClock(), EnvironmentSecrets(), settings.tuning
    try:
        origins = sandbox_origins({SANDBOX_VARIABLE: settings.sandbox_origins or ""})
    except SandboxOriginsInvalid as error:
        raise SettingUnusable(f"{error}; unset it, or copy the line that the sandbox prints") from error
    try:
        shelf = StoredReleases(state, partial(_trusted, origins, state))
        releases = {tenant: shelf.first(tenant, _last_sequence(store, tenant)) for tenant in tenants}
        hash_key = _hash_key(state)
    except (ReleaseRefused, ReleaseOlder, KeyUnusable, OSError) as error:
        raise WorkerRefused(str(error)) from error
    sender = HttpSender(origins=origins)

    def driver(plan: ConnectionPlan, gate: Gate) -> Driver:
        return open_driver(plan, sender, secrets, clock, tuning, gate)

    try:
        yield Worker(store, releases, driver, clock, tuning, hash_key, shelf=shelf, every=every)
    finally:
        await sender.close()


def _trusted(origins: Mapping[str, int], state: Path) -> Mapping[str, Ed25519PublicKey]:
    """Whose releases run here. A process that can reach doubles runs what this machine signed, and nothing else."""
    if origins:
        own = development_key(state).public_key()
        return {key_id(own): own}
    return trusted_keys(state)


def _last_sequence(store: Store, tenant: str) -> int:
    with store.read() as snapshot:
        accepted = snapshot.accepted_release(tenant)
    return 0 if accepted is None else accepted.sequence


def _hash_key(state: Path) -> bytes:
    """The key of projection hashes, made on first use. Whoever comes second keeps the first one's."""
    path = state / "keys" / "projection.key"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        draft = path.with_name(f".projection.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        finally:
            draft.unlink()
    return path.read_bytes()
