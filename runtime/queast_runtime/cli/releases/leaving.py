"""Whether a plan that a rollback left comes again: by its digest, or as another one that says the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from queast_compiler.diff.compare import Side
from queast_compiler.plan.release import ReleaseRefused
from queast_runtime.cli.releases.gating import changes_between
from queast_runtime.cli.releases.standing import Standing
from queast_runtime.security.releases import read_connection, read_mapping


@dataclass(frozen=True, slots=True)
class Left:
    """A plan that the rollback of release `by` went back from."""

    digest: str
    by: int


def left_again(state: Path, stands: Standing, new: Side, digests: Mapping[str, str]) -> dict[str, Left]:
    """Return those mappings of a new release, sorted by name, that are what a rollback left. What stands now is not: it
    was published again since."""
    found: dict[str, Left] = {}
    for name, digest in sorted(digests.items()):
        if digest == stands.mappings.get(name):
            continue
        for left, by in stands.history.left_behind(name).items():
            if left == digest or _says_the_same(state, stands.tenant, left, new, name):
                found[name] = Left(left, by)
    return found


def _says_the_same(state: Path, tenant: str, left: str, new: Side, name: str) -> bool:
    """Whether a comment or the layout of a file is all that tells the two plans apart."""
    try:
        mapping = read_mapping(state, tenant, left)
        connection = read_connection(state, tenant, mapping.connection_digest)
    except ReleaseRefused:
        # Gone or altered since: only its digest is left to know it by.
        return False
    now = new.mappings[name]
    if now.connection != mapping.connection:
        return False
    old = Side({mapping.connection: connection}, {name: mapping})
    return not changes_between(old, Side({now.connection: new.connections[now.connection]}, {name: now}))
