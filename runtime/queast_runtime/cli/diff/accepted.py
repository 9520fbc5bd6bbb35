"""Categories that commits of the change accept by a trailer, since the commit it is compared with."""

from __future__ import annotations

from pathlib import Path

from queast_runtime.cli.diff.model import Acceptance, Against


def accepted_since(against: Against, root: Path) -> tuple[Acceptance, ...]:
    """`qmap-accept: IDENTITY reason` in commits after `against`; none unless it is a commit."""
    if against.kind != "git":
        return ()
    from queast_runtime.cli.releases.trailers import read_trailers

    return tuple(
        Acceptance(category, each.reason, each.commit, each.author)
        for each in read_trailers(root, f"{against.name}..HEAD")
        for category in each.categories
    )
