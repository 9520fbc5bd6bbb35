"""Releases on disk, and the worker's only way from one to callables.

    STATE/releases/<tenant>/current.json      the signed envelope
    STATE/releases/<tenant>/plans/<hex>.json  the plans it names, and those of earlier releases
    STATE/releases/<tenant>/history/          who released what (`history.py`)
    STATE/releases/<tenant>/pending/          what waits for a second person (`pending.py`)
    STATE/releases/<tenant>/withdrawals/      what was taken back of it (`withdrawals.py`)

Nothing of a plan is decoded before a trusted signature and the plan's digest hold.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from queast_compiler.codegen import LoadedMapping, PlanUnloadable, load_mapping, uncollected
from queast_compiler.plan.canonical import NotCanonical, digest, loads
from queast_compiler.plan.codec import decode_connection, decode_mapping
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.directory import NAME, PlanDirectoryError, PlanSet, plan_file, read_plan, write_atomically
from queast_compiler.plan.fieldcodec import PlanMalformed
from queast_compiler.plan.mapping import MappingPlan
from queast_compiler.plan.needs import Capability
from queast_compiler.plan.release import RefusalReason, Release, ReleaseRefused, describe, verify
from queast_runtime.capabilities import CARRIED_OUT, refusal
from queast_runtime.security.history import write_once

T = TypeVar("T", MappingPlan, ConnectionPlan)
_LOCK_AGAIN_S: Final = 0.02
_MADE_AGAIN: Final = "put it back, or publish the sources that it was made of again, which writes it"


@dataclass(frozen=True, slots=True)
class LoadedRelease:
    """A verified release of one tenant. `digest` is that of its signed payload; `connections` are by name."""

    tenant: str
    sequence: int
    digest: str
    connections: dict[str, ConnectionPlan]
    mappings: tuple[LoadedMapping, ...]


def write_release(state: Path, envelope: bytes, plans: PlanSet) -> None:
    """Store a tenant's release: the plans first, the envelope last, so that a reader finds all or the old one.

    Raises OSError; the envelope is verified when it is loaded, not here.
    """
    write_releases(state, [(envelope, plans)])


def write_releases(
    state: Path, signed: Sequence[tuple[bytes, PlanSet]], kept: Mapping[Path, bytes] | None = None
) -> None:
    """Store releases of several tenants, all or none: the plans of all, then `kept` (new files, which nothing may
    replace: their history, what waits), then each one's envelope.

    Raises OSError after putting back the envelopes that stood there; plans that no envelope names stay unread.
    """
    for _, plans in signed:
        write_plan_files(state, plans)
    new: list[Path] = []
    before: list[tuple[Path, bytes | None]] = []
    try:
        for path, data in (kept or {}).items():
            write_once(path, data)
            new.append(path)
        for envelope, plans in signed:
            path = release_folder(state, plans.tenant) / "current.json"
            old = path.read_bytes() if path.exists() else None
            write_atomically(path, envelope, mode=0o600)
            before.append((path, old))
    except OSError:
        for path, old in before:
            if old is None:
                path.unlink()
            else:
                write_atomically(path, old, mode=0o600)
        for path in new:
            path.unlink(missing_ok=True)
        raise


def write_plan_files(state: Path, plans: PlanSet) -> None:
    """Put plans beside a tenant's releases; nothing runs by a plan that no release names. Raises OSError."""
    for name, data in plans.data.items():
        write_atomically(release_folder(state, plans.tenant) / "plans" / plan_file(name), data, mode=0o600)


@contextmanager
def publishing(state: Path, patience_s: float) -> Iterator[None]:
    """Be the only one that releases anything in this state folder: who comes second waits for the first.

    The lock ends with the process that holds it, however that ends. Raises TimeoutError after `patience_s` seconds,
    OSError.
    """
    with (state / "publish.lock").open("ab") as file:
        ends_at_s = time.monotonic() + patience_s
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= ends_at_s:
                    raise TimeoutError(f"another process has been publishing for {patience_s:.0f} s") from error
                time.sleep(_LOCK_AGAIN_S)
        yield


def restore_plans(
    state: Path, tenant: str, trusted: Mapping[str, Ed25519PublicKey], data: Mapping[str, bytes]
) -> tuple[str, ...]:
    """Put back plans that the stored release names and that are gone or altered, as far as `data` holds them by their
    digest: the release was signed over that digest, so they are what it names. Returns those that were put back.

    Raises ReleaseRefused for a release that nobody trusted signed, OSError.
    """
    folder = release_folder(state, tenant)
    if not has_release(state, tenant):
        return ()
    release = verify((folder / "current.json").read_bytes(), trusted, tenant, 0)
    restored = []
    for name in missing_plans(folder, release):
        if name in data and digest(data[name]) == name:
            write_atomically(folder / "plans" / plan_file(name), data[name], mode=0o600)
            restored.append(name)
    return tuple(restored)


def missing_plans(folder: Path, release: Release) -> tuple[str, ...]:
    """Return the digests of plans that a release names and that do not lie in its folder as they were signed."""
    found = []
    for name in release.plans:
        try:
            read_plan(folder / "plans", name)
        except PlanDirectoryError:
            found.append(name)
    return tuple(found)


def stored_sequence(state: Path, tenant: str) -> int:
    """Return the sequence of the stored release, 0 where there is none. Raises ReleaseRefused if it is unreadable.

    For choosing the next sequence only: the release is not verified.
    """
    path = release_folder(state, tenant) / "current.json"
    if not path.exists():
        return 0
    sequence = describe(path.read_bytes()).get("sequence")
    return sequence if type(sequence) is int else 0


@dataclass(frozen=True, slots=True)
class Published:
    """What stands now for a tenant, verified; its plans are decoded, no code is made of them."""

    release: Release
    connections: dict[str, ConnectionPlan]
    mappings: dict[str, MappingPlan]


def read_published(state: Path, tenant: str, trusted: Mapping[str, Ed25519PublicKey]) -> Published | None:
    """Return a tenant's stored release, None where none was ever stored. Raises ReleaseRefused, OSError."""
    folder = release_folder(state, tenant)
    if not (folder / "current.json").exists():
        return None
    release = verify((folder / "current.json").read_bytes(), trusted, tenant, 0)
    return Published(release, *_plans(folder, release))


def read_connection(state: Path, tenant: str, name: str) -> ConnectionPlan:
    """Return the plan of a connection by its digest. Raises ReleaseRefused."""
    return _plan(release_folder(state, tenant), name, decode_connection, tenant)


def read_mapping(state: Path, tenant: str, name: str) -> MappingPlan:
    """Return the plan of a mapping by its digest. Raises ReleaseRefused."""
    return _plan(release_folder(state, tenant), name, decode_mapping, tenant)


def has_release(state: Path, tenant: str) -> bool:
    """Say whether a release of the tenant is stored, good or not."""
    return (release_folder(state, tenant) / "current.json").is_file()


def load_release(
    state: Path,
    tenant: str,
    *,
    trusted: Mapping[str, Ed25519PublicKey],
    last_sequence: int,
    able: Collection[Capability] = CARRIED_OUT,
) -> LoadedRelease:
    """Verify a tenant's stored release and generate its code. Raises ReleaseRefused.

    `trusted` are public keys by key id; `last_sequence` is that of the last release that ran (0 for none): an older
    one is refused, the same one is a restart. A plan that needs more than the engine is `able` to do is refused whole.
    """
    folder = release_folder(state, tenant)
    try:
        envelope = (folder / "current.json").read_bytes()
    except OSError as error:
        raise ReleaseRefused(
            RefusalReason.MALFORMED, f"tenant {tenant} has no release here; publish one with qmap publish"
        ) from error
    release = verify(envelope, trusted, tenant, last_sequence)
    with uncollected():
        connections, mappings = _plans(folder, release)
        beyond = refusal((*connections.values(), *mappings.values()), able)
        if beyond is not None:
            raise ReleaseRefused(RefusalReason.BEYOND_ENGINE, f"{beyond.reason}; {beyond.instead} and publish")
        try:
            loaded = tuple(load_mapping(plan, release.mappings[name]) for name, plan in sorted(mappings.items()))
        except PlanUnloadable as error:
            raise ReleaseRefused(RefusalReason.MALFORMED, str(error)) from error
    return LoadedRelease(tenant, release.sequence, release.digest, connections, loaded)


def release_folder(state: Path, tenant: str) -> Path:
    """Return where a tenant's releases lie. Raises ReleaseRefused for what cannot be a tenant's name."""
    if not NAME.fullmatch(tenant):
        raise ReleaseRefused(RefusalReason.OTHER_TENANT, "the tenant's name is not well formed")
    return state / "releases" / tenant


def _plans(folder: Path, release: Release) -> tuple[dict[str, ConnectionPlan], dict[str, MappingPlan]]:
    tenant = release.tenant
    connections = {
        name: _plan(folder, target, decode_connection, tenant) for name, target in release.connections.items()
    }
    mappings = {name: _plan(folder, target, decode_mapping, tenant) for name, target in release.mappings.items()}
    _check_names(release, connections, mappings)
    return connections, mappings


def _plan(folder: Path, name: str, decode: Callable[[dict[str, Any]], T], tenant: str) -> T:
    path = folder / "plans" / plan_file(name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReleaseRefused(RefusalReason.PLAN_MISSING, f"plan {name} is not here; {_MADE_AGAIN}") from error
    if digest(data) != name:
        raise ReleaseRefused(RefusalReason.PLAN_ALTERED, f"plan {name} was altered after signing; {_MADE_AGAIN}")
    try:
        plan = decode(loads(data))
    except (NotCanonical, PlanMalformed) as error:
        raise ReleaseRefused(RefusalReason.MALFORMED, f"plan {name}: {error}") from error
    if plan.tenant != tenant:
        raise ReleaseRefused(RefusalReason.OTHER_TENANT, f"plan {name} belongs to another tenant than {tenant}")
    return plan


def _check_names(
    release: Release, connections: Mapping[str, ConnectionPlan], mappings: Mapping[str, MappingPlan]
) -> None:
    for name, connection in connections.items():
        if connection.connection != name:
            raise ReleaseRefused(RefusalReason.MALFORMED, f"connection {name} stands for a plan of another name")
    for name, mapping in mappings.items():
        if mapping.mapping != name:
            raise ReleaseRefused(RefusalReason.MALFORMED, f"mapping {name} stands for a plan of another name")
        if release.connections.get(mapping.connection) != mapping.connection_digest:
            raise ReleaseRefused(
                RefusalReason.MALFORMED, f"mapping {name} was compiled against another plan of its connection"
            )
