"""Releases on disk, and the worker's only way from one to callables.

    STATE/releases/<tenant>/current.json      the signed envelope
    STATE/releases/<tenant>/plans/<hex>.json  the plans it names

Nothing of a plan is decoded before a trusted signature and the plan's digest hold.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from queast_compiler.codegen import LoadedMapping, PlanUnloadable, load_mapping, uncollected
from queast_compiler.plan.canonical import NotCanonical, digest, loads
from queast_compiler.plan.codec import decode_connection, decode_mapping
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.directory import NAME, PlanSet, plan_file, write_atomically
from queast_compiler.plan.fieldcodec import PlanMalformed
from queast_compiler.plan.mapping import MappingPlan
from queast_compiler.plan.needs import Capability
from queast_compiler.plan.release import RefusalReason, Release, ReleaseRefused, describe, verify
from queast_runtime.capabilities import CARRIED_OUT, refusal

T = TypeVar("T", MappingPlan, ConnectionPlan)


@dataclass(frozen=True, slots=True)
class LoadedRelease:
    """A verified release of one tenant. `digest` is that of its signed payload; `connections` are by name."""

    tenant: str
    sequence: int
    digest: str
    connections: dict[str, ConnectionPlan]
    mappings: tuple[LoadedMapping, ...]


@dataclass(frozen=True, slots=True)
class ReadRelease:
    """A verified release with its plans by name; `digests` are those of the mapping plans."""

    tenant: str
    sequence: int
    digest: str
    connections: Mapping[str, ConnectionPlan]
    mappings: Mapping[str, MappingPlan]
    digests: Mapping[str, str]


def write_release(state: Path, envelope: bytes, plans: PlanSet) -> None:
    """Store a tenant's release: the plans first, the envelope last, so that a reader finds all or the old one.

    Raises OSError; the envelope is verified when it is loaded, not here.
    """
    write_releases(state, [(envelope, plans)])


def write_releases(state: Path, signed: Sequence[tuple[bytes, PlanSet]]) -> None:
    """Store releases of several tenants, all or none: the plans of all, then each one's envelope.

    Raises OSError after putting back the envelopes that stood there; plans that no envelope names stay unread.
    """
    for _, plans in signed:
        folder = _folder(state, plans.tenant)
        for name, data in plans.data.items():
            write_atomically(folder / "plans" / plan_file(name), data, mode=0o600)
    before: list[tuple[Path, bytes | None]] = []
    try:
        for envelope, plans in signed:
            path = _folder(state, plans.tenant) / "current.json"
            old = path.read_bytes() if path.exists() else None
            write_atomically(path, envelope, mode=0o600)
            before.append((path, old))
    except OSError:
        for path, old in before:
            if old is None:
                path.unlink()
            else:
                write_atomically(path, old, mode=0o600)
        raise


def stored_sequence(state: Path, tenant: str) -> int:
    """Return the sequence of the stored release, 0 where there is none. Raises ReleaseRefused if it is unreadable.

    For choosing the next sequence only: the release is not verified.
    """
    path = _folder(state, tenant) / "current.json"
    if not path.exists():
        return 0
    sequence = describe(path.read_bytes()).get("sequence")
    return sequence if type(sequence) is int else 0


def has_release(state: Path, tenant: str) -> bool:
    """Say whether a release of the tenant is stored, good or not."""
    return (_folder(state, tenant) / "current.json").is_file()


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
    with uncollected():
        found = read_release(state, tenant, trusted=trusted, last_sequence=last_sequence)
        beyond = refusal((*found.connections.values(), *found.mappings.values()), able)
        if beyond is not None:
            raise ReleaseRefused(RefusalReason.BEYOND_ENGINE, f"{beyond.reason}; {beyond.instead} and publish")
        try:
            loaded = tuple(load_mapping(plan, found.digests[name]) for name, plan in sorted(found.mappings.items()))
        except PlanUnloadable as error:
            raise ReleaseRefused(RefusalReason.MALFORMED, str(error)) from error
    return LoadedRelease(tenant, found.sequence, found.digest, dict(found.connections), loaded)


def read_release(
    state: Path, tenant: str, *, trusted: Mapping[str, Ed25519PublicKey], last_sequence: int = 0
) -> ReadRelease:
    """Verify a tenant's stored release and read its plans, without generating code. Raises ReleaseRefused."""
    folder = _folder(state, tenant)
    try:
        envelope = (folder / "current.json").read_bytes()
    except OSError as error:
        raise ReleaseRefused(
            RefusalReason.MALFORMED, f"tenant {tenant} has no release here; publish one with qmap publish"
        ) from error
    release = verify(envelope, trusted, tenant, last_sequence)
    connections = {
        name: _plan(folder, target, decode_connection, tenant) for name, target in release.connections.items()
    }
    mappings = {name: _plan(folder, target, decode_mapping, tenant) for name, target in release.mappings.items()}
    _check_names(release, connections, mappings)
    return ReadRelease(tenant, release.sequence, release.digest, connections, mappings, release.mappings)


def _folder(state: Path, tenant: str) -> Path:
    if not NAME.fullmatch(tenant):
        raise ReleaseRefused(RefusalReason.OTHER_TENANT, "the tenant's name is not well formed")
    return state / "releases" / tenant


def _plan(folder: Path, name: str, decode: Callable[[dict[str, Any]], T], tenant: str) -> T:
    path = folder / "plans" / plan_file(name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReleaseRefused(RefusalReason.PLAN_MISSING, f"plan {name} is not here; publish again") from error
    if digest(data) != name:
        raise ReleaseRefused(RefusalReason.PLAN_ALTERED, f"plan {name} was altered after signing; publish again")
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
