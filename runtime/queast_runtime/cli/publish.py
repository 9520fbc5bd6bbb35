"""`qmap publish`: recompile the sources, compare digests with the plans handed over, sign a release."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from queast_compiler.pipeline import CompiledTenant
from queast_compiler.plan.directory import PlanDirectoryError, PlanSet, plan_set, plan_tenants, read_plans
from queast_compiler.plan.release import ReleaseRefused, sign, verify
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import report_strays
from queast_runtime.capabilities import refusal
from queast_runtime.cli.compiling import compile_selection, fail_on_findings
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import settings_for
from queast_runtime.cli.output import Format, data, data_json, say
from queast_runtime.cli.places import Selection
from queast_runtime.cli.wording import counted


def run(plans: Path, sources: Path, format: Format) -> None:
    """Publish each tenant found in `plans`, all or none.

    Exits: 1 findings in the sources, 5 unreadable plans or state, 6 plans that differ from what the sources give or
    need what the engine cannot carry out.
    """
    _, state = settings_for(None)
    try:
        handed_over = {tenant: read_plans(plans, tenant) for tenant in plan_tenants(plans)}
    except PlanDirectoryError as error:
        raise CommandError(Exit.ENVIRONMENT, str(error), f"compile again: qmap compile {sources} -o {plans}") from error
    if not handed_over:
        raise CommandError(Exit.USAGE, f"no plans in {plans}", f"first: qmap compile {sources} -o {plans}")
    for tenant in handed_over:
        if not (sources / tenant / "connections.yaml").is_file():
            raise CommandError(Exit.USAGE, f"no sources of tenant {tenant} under {sources}", "name them with --sources")
    if not (sources / "policy.yaml").is_file():
        raise CommandError(
            Exit.REFUSED,
            f"no policy.yaml lies in {sources}: a release is made under the platform's policy only",
            "put the policy beside the tenants' folders, or name their folder with --sources",
        )
    compilations = [compile_selection(Selection(sources, tenant, None), hints=False) for tenant in handed_over]
    # A mapping that was meant to be in the release and is in no tenant is found now or never.
    strays = Diagnostics()
    report_strays(sources, strays)
    fail_on_findings(compilations, format, strays.findings)
    own = [same_plans(handed_over[each.selection.tenant], each.compiled) for each in compilations]
    for each in compilations:
        can_run(each.compiled)
    rows = release(state, own)
    if format is Format.JSON:
        data_json({"releases": rows})
    else:
        for row in rows:
            data(
                f"{row['tenant']}  release {row['sequence']}  {counted(row['mappings'], 'mapping')}  {row['digest']}\n"
            )
    say(f"signed with the development key of {state}")


def same_plans(handed_over: PlanSet, compiled: CompiledTenant) -> PlanSet:
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
                    f"handed over {_short(theirs.get(name))}, compiled {_short(ours.get(name))}",
                    "compile again from the same sources and publish that",
                )
    return own


def can_run(compiled: CompiledTenant) -> None:
    """Raise CommandError (refused) where the engine cannot carry out what a plan needs."""
    beyond = refusal((*compiled.connections, *compiled.mappings))
    if beyond is not None:
        raise CommandError(Exit.REFUSED, beyond.reason, beyond.instead)


def release(state: Path, tenants: Sequence[PlanSet]) -> list[dict[str, Any]]:
    """Sign each tenant's plans under its next sequence, then store all of them or none; return what was released.

    Raises CommandError (environment).
    """
    from queast_runtime.security.keys import KeyUnusable, development_key, trusted_keys
    from queast_runtime.security.releases import stored_sequence, write_releases

    rows: list[dict[str, Any]] = []
    signed: list[tuple[bytes, PlanSet]] = []
    try:
        key = development_key(state)
        for plans in tenants:
            sequence = stored_sequence(state, plans.tenant) + 1
            envelope = sign(plans, sequence=sequence, created_at=datetime.now(UTC), key=key)
            rows.append(
                {
                    "tenant": plans.tenant,
                    "sequence": sequence,
                    "mappings": len(plans.mappings),
                    "connections": len(plans.connections),
                    "digest": verify(envelope, trusted_keys(state), plans.tenant, sequence).digest,
                }
            )
            signed.append((envelope, plans))
        write_releases(state, signed)
    except (KeyUnusable, ReleaseRefused, OSError) as error:
        names = ", ".join(plans.tenant for plans in tenants)
        raise CommandError(Exit.ENVIRONMENT, f"cannot sign and store releases of {names}: {error}") from error
    return rows


def _short(digest: str | None) -> str:
    return digest[:19] if digest else "nothing"
