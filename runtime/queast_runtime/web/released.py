"""How the rules in force would decide a case: those of the releases that run, never of a file that only lies there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.release import ReleaseRefused
from queast_runtime.delivery.reviewing.today import Today, today
from queast_runtime.ports.matches import Review
from queast_runtime.ports.store import Snapshot
from queast_runtime.security.keys import KeyUnusable, trusted_keys
from queast_runtime.security.releases import LoadedRelease, load_release, stored_sequence


class Release(Protocol):
    @property
    def sequence(self) -> int: ...
    @property
    def digest(self) -> str: ...
    @property
    def connections(self) -> Mapping[str, ConnectionPlan]: ...


@dataclass(frozen=True, slots=True)
class RunningRules:
    """The rules of the releases that this process runs, by tenant; what `StoreDesks.todays_rules` takes.

    A newer one in the state folder `state` is not asked, but told of: it is taken up soon, or was refused.
    """

    releases: Mapping[str, Release]
    state: Path

    def __call__(self, tenant: str, review: Review) -> Today | None:
        """Decide a case anew; None where the tenant's release has no such connection."""
        release = self.releases.get(tenant)
        decided = None if release is None else decide(release, review)
        if release is None or decided is None:
            return None
        try:
            stored = stored_sequence(self.state, tenant)
        except (ReleaseRefused, OSError):
            return decided
        if stored <= release.sequence:
            return decided
        waits = f"release {stored} is stored and not taken up"
        return replace(decided, because=f"{decided.because}; {waits}")


def decide(release: Release, review: Review) -> Today | None:
    """Decide a case by a release; None where that has no such connection."""
    connection = release.connections.get(review.connection)
    if connection is None:
        return None
    match = next((each for each in connection.match if each.object == review.object), None)
    return today(review, match, release.digest)


def stored_release(state: Path, view: Snapshot, tenant: str) -> LoadedRelease | None:
    """Return the tenant's stored release, verified, and not older than one that ran; None where it is refused, which
    other commands tell of."""
    accepted = view.accepted_release(tenant)
    last = 0 if accepted is None else accepted.sequence
    try:
        return load_release(state, tenant, trusted=trusted_keys(state), last_sequence=last)
    except (ReleaseRefused, KeyUnusable, OSError):
        return None
