"""Categories that commits of the change accept by a trailer, since the commit it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from queast_runtime.cli.diff.model import Acceptance, Against


def accepted_since(against: Against, root: Path, tenants: Sequence[str]) -> tuple[Acceptance, ...]:
    """`qmap-accept: IDENTITY reason` in commits after `against`, for those of the tenants for which publishing counts
    it; none unless it is a commit, and none where the sources are not as at the last commit."""
    if against.kind != "git":
        return ()
    from queast_runtime.cli.releases.trailers import KEY, categories_of, read_trailers

    trailers = read_trailers(root, f"{against.name}..HEAD")
    if trailers.uncommitted:
        return ()
    counting = {tenant: trailers.of(tenant) for tenant in tenants}
    found = (
        (each, word.category, tuple(tenant for tenant in tenants if each in counting[tenant]))
        for each in trailers.said
        for word in each.accepted()
    )
    return tuple(
        Acceptance(categories_of([category], KEY)[0], each.reason, each.commit, each.author, whose)
        for each, category, whose in found
        if whose
    )
