"""How the rules of a tenant's newest release would decide a case; the release is read again when it changed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from queast_compiler.plan.release import ReleaseRefused
from queast_runtime.delivery.reviewing.today import Today, today
from queast_runtime.ports.matches import Review
from queast_runtime.security.keys import KeyUnusable, trusted_keys
from queast_runtime.security.releases import LoadedRelease, load_release


@dataclass(slots=True)
class ReleasedRules:
    """The rules in force, by the state folder; what `StoreDesks.todays_rules` takes."""

    state: Path
    _read: dict[str, tuple[int, LoadedRelease | None]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self, tenant: str, review: Review) -> Today | None:
        """Decide a case anew; None where the release cannot be opened, which other commands tell of."""
        release = self._release(tenant)
        connection = None if release is None else release.connections.get(review.connection)
        if release is None or connection is None:
            return None
        match = next((each for each in connection.match if each.object == review.object), None)
        return today(review, match, release.digest)

    def _release(self, tenant: str) -> LoadedRelease | None:
        try:
            changed = (self.state / "releases" / tenant / "current.json").stat().st_mtime_ns
        except OSError:
            return None
        with self._lock:
            kept = self._read.get(tenant)
        if kept is not None and kept[0] == changed:
            return kept[1]
        release: LoadedRelease | None = None
        try:
            release = load_release(self.state, tenant, trusted=trusted_keys(self.state), last_sequence=0)
        except (ReleaseRefused, KeyUnusable, OSError):
            release = None
        with self._lock:
            self._read[tenant] = (changed, release)
        return release
