"""What is handed over to be published, a change file or plans, held against what stands and what the sources give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from queast_compiler.pipeline import CompiledTenant
from queast_compiler.plan.directory import PlanDirectoryError, PlanSet, plan_set, plan_tenants, read_plans
from queast_runtime.cli.changefile import ChangeFile, PlanDigests, TenantChange, digests_of, read_change, rows_of
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.releases.gating import changes_between, compiled_side, side_of
from queast_runtime.cli.releases.standing import Standing

# What says which change it is; a note or a line may be worded otherwise by another version.
_SAME: Final = ("id", "category", "gate", "connection", "mapping", "path", "old", "new")


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What is to be published, by tenant; with the change file, where it was one."""

    given: Path
    plans: Mapping[str, PlanDigests]
    change: ChangeFile | None


def handed_over(given: Path, sources: Path) -> HandedOver:
    """Return what a change file, or a folder of plans, hands over. Raises CommandError: usage for a folder without
    plans, environment for what cannot be read, refused for a change file that is none."""
    if not given.is_dir():
        change = read_change(given)
        return HandedOver(given, {each.tenant: each.new for each in change.tenants}, change)
    try:
        plans = {tenant: digests_of(read_plans(given, tenant)) for tenant in plan_tenants(given)}
    except PlanDirectoryError as error:
        raise CommandError(Exit.ENVIRONMENT, str(error), f"compile again: qmap compile {sources} -o {given}") from error
    if not plans:
        raise CommandError(Exit.USAGE, f"no plans in {given}", f"first: qmap compile {sources} -o {given}")
    return HandedOver(given, plans, None)


def same_plans(handed_over: PlanSet | PlanDigests, compiled: CompiledTenant) -> PlanSet:
    """Return our own plans if they are those handed over. Raises CommandError (refused) naming what differs."""
    own = plan_set(compiled.tenant, compiled.connections, compiled.mappings)
    for kind, theirs, ours in (
        ("connection", handed_over.connections, own.connections),
        ("mapping", handed_over.mappings, own.mappings),
    ):
        for name in sorted({*theirs, *ours}):
            if theirs.get(name) != ours.get(name):
                raise CommandError(
                    Exit.REFUSED,
                    f"the plan of {kind} {compiled.tenant}/{name} is not what the sources compile to: "
                    f"handed over {short(theirs.get(name))}, compiled {short(ours.get(name))}",
                    "compile again from the same sources and publish that",
                )
    return own


def done_before(handed: HandedOver, stands: Mapping[str, Standing]) -> frozenset[str]:
    """The tenants of whom a change file stands already, where it is still to come of others: a process that ended
    between two of them published the first."""
    if handed.change is None:
        return frozenset()
    changing = {each.tenant for each in handed.change.tenants if each.old != each.new}
    done = {each.tenant for each in handed.change.tenants if stands[each.tenant].digests == each.new != each.old}
    return frozenset(done if done != changing else ())


def is_still_true(handed: HandedOver, tenant: str, stands: Standing, compiled: CompiledTenant) -> None:
    """Raise CommandError (refused) where a change file is not about what is published now and what the sources give."""
    if handed.change is None:
        return
    change = next(each for each in handed.change.tenants if each.tenant == tenant)
    anew = f"compare again: qmap diff --against published --out {handed.given}"
    if change.old != stands.digests:
        against = handed.change.against
        now = f"release {stands.history.active}" if stands.history.active else "nothing"
        if against.kind == "published":
            message = f"{handed.given} is older than what is published of {tenant} now: {now}"
        else:
            message = f"{handed.given} compares with {against.kind}:{against.name}, and published of {tenant} is {now}"
        raise CommandError(Exit.REFUSED, message, anew)
    if not _says_the_same(change, stands, compiled):
        message = f"{handed.given} does not say what changes for {tenant}: it was edited, or another version wrote it"
        raise CommandError(Exit.REFUSED, message, anew)


def _says_the_same(change: TenantChange, stands: Standing, compiled: CompiledTenant) -> bool:
    ours = rows_of(changes_between(side_of(stands.published), compiled_side(compiled)))
    said = [[getattr(row, name) for name in _SAME] for row in change.changes]
    return said == [[getattr(row, name) for name in _SAME] for row in ours]


def short(digest: str | None) -> str:
    """A digest as people compare it."""
    return digest[:19] if digest else "nothing"
