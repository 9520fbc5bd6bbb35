"""Releases as a running worker gets at them: the one that it began with, newer ones, and the plans of older ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.directory import NAME
from queast_compiler.plan.release import RefusalReason, ReleaseRefused
from queast_runtime.engine.loaded import MappingCode
from queast_runtime.observability.log import warn
from queast_runtime.security.keys import KeyUnusable
from queast_runtime.security.releases import (
    LoadedRelease,
    has_release,
    load_release,
    read_connection,
    read_mapping,
    release_folder,
)


class Release(Protocol):
    """A verified release, as `queast_runtime.security.releases.load_release` returns it."""

    @property
    def tenant(self) -> str: ...
    @property
    def sequence(self) -> int: ...
    @property
    def digest(self) -> str: ...
    @property
    def connections(self) -> Mapping[str, ConnectionPlan]: ...
    @property
    def mappings(self) -> Sequence[MappingCode]: ...


class Shelf(Protocol):
    """Where releases come from while a worker runs: newer ones, and the plans that older deliveries were made by."""

    def has_changed(self, tenant: str) -> bool:
        """Say at the price of a look whether something new was stored for a tenant since it was last taken down."""
        ...

    def newer(self, tenant: str, running: Release) -> Release | None:
        """Return a newer release, verified; None where there is none or it is refused, which is logged once."""
        ...

    def others(self, known: Collection[str]) -> Sequence[str]:
        """Return the tenants beside those `known` that something is stored for."""
        ...

    def begin(self, tenant: str, last_sequence: int) -> Release | None:
        """Return a tenant's release, no older than `last_sequence`; None where it is refused, which is logged once."""
        ...

    def again(self, tenant: str) -> None:
        """Let what was stored for a tenant count as new: it could not be taken up."""
        ...

    def connection_of(self, tenant: str, mapping: str) -> ConnectionPlan | None:
        """Return the plan of the connection that a mapping's plan (by its digest) was compiled against, None where one
        of the two cannot be had."""
        ...


_Mark = tuple[int, int, int]


@dataclass(slots=True)
class StoredReleases:
    """The `Shelf` of a state folder. `keys` are asked anew at each release, so that a key may be trusted or dropped
    while the worker runs."""

    state: Path
    keys: Callable[[], Mapping[str, Ed25519PublicKey]]
    _seen: dict[str, _Mark | None] = field(default_factory=dict)

    def first(self, tenant: str, last_sequence: int) -> LoadedRelease:
        """Return the release that a worker begins with. Raises ReleaseRefused, KeyUnusable, OSError."""
        self._seen[tenant] = self._mark(tenant)
        return load_release(self.state, tenant, trusted=self.keys(), last_sequence=last_sequence)

    def others(self, known: Collection[str]) -> Sequence[str]:
        try:
            names = sorted(each.name for each in os.scandir(self.state / "releases"))
        except OSError:
            return ()
        return [name for name in names if name not in known and NAME.fullmatch(name) and has_release(self.state, name)]

    def begin(self, tenant: str, last_sequence: int) -> LoadedRelease | None:
        try:
            return self.first(tenant, last_sequence)
        except (ReleaseRefused, KeyUnusable, OSError) as error:
            _told(tenant, error, None)
            return None

    def has_changed(self, tenant: str) -> bool:
        return self._mark(tenant) != self._seen.get(tenant)

    def newer(self, tenant: str, running: Release) -> LoadedRelease | None:
        # Taken down first: what is stored while this one is read is another change.
        self._seen[tenant] = self._mark(tenant)
        try:
            found = load_release(self.state, tenant, trusted=self.keys(), last_sequence=running.sequence)
            if found.sequence == running.sequence and found.digest != running.digest:
                raise ReleaseRefused(
                    RefusalReason.ALTERED, f"another release than the one that runs has sequence {found.sequence}, too"
                )
        except (ReleaseRefused, KeyUnusable, OSError) as error:
            _told(tenant, error, running.sequence)
            return None
        return found if found.sequence > running.sequence else None

    def again(self, tenant: str) -> None:
        self._seen[tenant] = None

    def connection_of(self, tenant: str, mapping: str) -> ConnectionPlan | None:
        try:
            return read_connection(self.state, tenant, read_mapping(self.state, tenant, mapping).connection_digest)
        except (ReleaseRefused, ValueError):
            # Absent, altered, of another tenant or of a version that is not read any more: it cannot be had.
            return None

    def _mark(self, tenant: str) -> _Mark | None:
        try:
            found = (release_folder(self.state, tenant) / "current.json").stat()
        except OSError:
            return None
        return (found.st_ino, found.st_mtime_ns, found.st_size)


def _told(tenant: str, error: Exception, running: int | None) -> None:
    code = error.reason.value if isinstance(error, ReleaseRefused) else type(error).__name__
    warn("release refused", tenant=tenant, running=running, code=code, reason=str(error))
