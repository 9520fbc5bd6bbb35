"""Plans of the release that stands and that its folder lost, written again by who publishes the same once more."""

from __future__ import annotations

from pathlib import Path

from queast_compiler.plan.directory import PlanSet
from queast_compiler.plan.release import ReleaseRefused
from queast_runtime.cli.output import say
from queast_runtime.cli.wording import counted
from queast_runtime.security.keys import KeyUnusable, trusted_keys
from queast_runtime.security.releases import restore_plans


def mend(state: Path, tenant: str, plans: PlanSet) -> None:
    """Put back what the standing release of a tenant lacks and these plans hold. The caller holds `alone`.

    What stays broken is told of by who reads the release afterwards.
    """
    try:
        restored = restore_plans(state, tenant, trusted_keys(state), plans.data)
    except (KeyUnusable, ReleaseRefused, OSError):
        return
    if restored:
        say(f"{tenant}: {counted(len(restored), 'plan')} of the release that stands put back")
