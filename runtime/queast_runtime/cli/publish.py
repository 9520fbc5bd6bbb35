"""`qmap publish`: recompile the sources, compare digests with the plans handed over, sign a release."""

from __future__ import annotations

from pathlib import Path

from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import Format, data, data_json, say


def run(plans: Path, sources: Path, format: Format) -> None:
    """Publish each tenant found in `plans`. Exits: 1 findings, 5 unreadable, 6 plans that differ from the sources."""
    from queast_compiler.plan.directory import PlanDirectoryError, plan_tenants, read_plans
    from queast_runtime.cli.compiling import compile_selection, fail_on_findings
    from queast_runtime.cli.places import Selection
    from queast_runtime.settings import SettingsError, load_settings, open_state

    try:
        settings = load_settings()
        state = open_state(settings)
        handed_over = {tenant: read_plans(plans, tenant) for tenant in plan_tenants(plans)}
    except (SettingsError, PlanDirectoryError) as error:
        raise CommandError(Exit.ENVIRONMENT, str(error)) from error
    if not handed_over:
        raise CommandError(Exit.USAGE, f"no plans in {plans}", f"first: qmap compile {sources} -o {plans}")
    for tenant in handed_over:
        if not (sources / tenant / "connections.yaml").is_file():
            raise CommandError(Exit.USAGE, f"no sources for tenant {tenant} under {sources}", "name them with --sources")
    compilations = [compile_selection(Selection(sources, tenant, None)) for tenant in handed_over]
    fail_on_findings(compilations, format)
    for each in compilations:
        _compare(each.selection.tenant, handed_over[each.selection.tenant], each.compiled)
    released = [_release(state, each.compiled) for each in compilations]
    if format is Format.JSON:
        data_json({"releases": released})
    else:
        for row in released:
            data(f"{row['tenant']}  release {row['sequence']}  {row['mappings']} mappings, {row['connections']} connections\n")
    say(f"signed with the development key of {state}; workers started from now on use it")
