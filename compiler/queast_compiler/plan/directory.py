"""The folder that `qmap compile -o` writes and `qmap publish` reads: plans under their digest, and an index a tenant.

DIR/<tenant>/index.json           {"schema_version":1,"tenant":…,"connections":{name:digest},"mappings":{…}}
DIR/<tenant>/plans/<hex>.json     canonical bytes; the name is their SHA-256
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from queast_compiler.plan.canonical import NotCanonical, digest, dumps, loads
from queast_compiler.plan.codec import decode_connection, decode_mapping, encode
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.fieldcodec import PlanMalformed
from queast_compiler.plan.mapping import MappingPlan

INDEX_VERSION = 1
DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class PlanDirectoryError(ValueError):
    """A folder of plans that is absent, altered or incomplete. The message names the file."""


@dataclass(frozen=True, slots=True)
class PlanSet:
    """The plans of one tenant. `data` maps a digest to the plan's canonical bytes."""

    tenant: str
    connections: Mapping[str, str]
    mappings: Mapping[str, str]
    data: Mapping[str, bytes] = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """Return the index: names and digests."""
        return {
            "schema_version": INDEX_VERSION,
            "tenant": self.tenant,
            "connections": dict(self.connections),
            "mappings": dict(self.mappings),
        }


def plan_set(tenant: str, connections: Iterable[ConnectionPlan], mappings: Iterable[MappingPlan]) -> PlanSet:
    """Return the canonical bytes and digests of a tenant's plans."""
    data: dict[str, bytes] = {}

    def add(plan: ConnectionPlan | MappingPlan) -> str:
        text = dumps(encode(plan))
        name = digest(text)
        data[name] = text
        return name

    return PlanSet(
        tenant=tenant,
        connections={plan.connection: add(plan) for plan in sorted(connections, key=lambda plan: plan.connection)},
        mappings={plan.mapping: add(plan) for plan in sorted(mappings, key=lambda plan: plan.mapping)},
        data=data,
    )


def plan_digest(plan: ConnectionPlan | MappingPlan) -> str:
    """Return the digest of a plan's canonical bytes."""
    return digest(dumps(encode(plan)))


def write_plans(
    folder: Path, tenant: str, connections: Iterable[ConnectionPlan], mappings: Iterable[MappingPlan]
) -> PlanSet:
    """Write a tenant's plans and then its index, each file whole or not at all. Raises OSError."""
    plans = plan_set(tenant, connections, mappings)
    for name, data in plans.data.items():
        write_atomically(folder / tenant / "plans" / plan_file(name), data)
    write_atomically(folder / tenant / "index.json", dumps(plans.as_json()) + b"\n")
    return plans


def read_plans(folder: Path, tenant: str) -> PlanSet:
    """Return a tenant's plans; every digest and every plan's form is checked. Raises PlanDirectoryError."""
    index_path = folder / tenant / "index.json"
    try:
        index = loads(index_path.read_bytes().rstrip(b"\n"))
    except (OSError, NotCanonical) as error:
        raise PlanDirectoryError(f"{index_path}: {_because(error)}; run qmap compile again") from error
    if index.keys() != {"schema_version", "tenant", "connections", "mappings"} or index["tenant"] != tenant:
        raise PlanDirectoryError(f"{index_path}: not the index of tenant {tenant}; run qmap compile again")
    if index["schema_version"] != INDEX_VERSION:
        raise PlanDirectoryError(f"{index_path}: another version of this file; run qmap compile again")
    connections = names_and_digests(index["connections"], index_path)
    mappings = names_and_digests(index["mappings"], index_path)
    data: dict[str, bytes] = {}
    for names, decode in ((connections, decode_connection), (mappings, decode_mapping)):
        for name in sorted(set(names.values())):
            data[name] = read_plan(folder / tenant / "plans", name)
            try:
                decode(loads(data[name]))
            except (NotCanonical, PlanMalformed) as error:
                raise PlanDirectoryError(f"{plan_file(name)}: {error}; run qmap compile again") from error
    return PlanSet(tenant, connections, mappings, data)


def plan_tenants(folder: Path) -> tuple[str, ...]:
    """Return the tenants that have an index in `folder`, sorted."""
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.parent.name for path in folder.glob("*/index.json")))


def read_plan(folder: Path, name: str) -> bytes:
    """Return the bytes of the plan `name` (a digest) in `folder`. Raises PlanDirectoryError if absent or altered."""
    path = folder / plan_file(name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PlanDirectoryError(f"{path}: {_because(error)}") from error
    if digest(data) != name:
        raise PlanDirectoryError(f"{path}: its content does not have the digest in its name")
    return data


def plan_file(name: str) -> str:
    """Return the file name of a digest: `sha256:ab…` -> `ab….json`. Raises PlanDirectoryError for anything else."""
    matched = DIGEST.fullmatch(name)
    if matched is None:
        raise PlanDirectoryError("a digest is not sha256: and 64 hex digits")
    return f"{matched[1]}.json"


def names_and_digests(value: Any, place: object) -> dict[str, str]:
    """Return `value` checked to be an object of names to digests. Raises PlanDirectoryError."""
    if not isinstance(value, dict):
        raise PlanDirectoryError(f"{place}: expected an object of names and digests")
    for name, target in value.items():
        if not isinstance(target, str) or not NAME.fullmatch(name) or not DIGEST.fullmatch(target):
            raise PlanDirectoryError(f"{place}: a name or digest is not well formed")
    return value


def write_atomically(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write `data` to `path` by a temporary file in the same folder and a rename, synced. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def _because(error: Exception) -> str:
    return (error.strerror or "cannot be read").lower() if isinstance(error, OSError) else str(error)
