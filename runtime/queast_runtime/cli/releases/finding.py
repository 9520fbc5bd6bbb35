"""Whose mapping is meant: by the option, by the token, or because only one tenant has it."""

from __future__ import annotations

from pathlib import Path

from queast_compiler.plan.directory import NAME
from queast_dsl.diagnostics.nearest import did_you_mean
from queast_runtime.cli.broken import broken_releases, put_back
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.releases.acting import Acting
from queast_runtime.cli.status import check_tenant, described, released_tenants


def tenant_of(state: Path, mapping: str, tenant: str | None, who: Acting) -> str:
    """Return the tenant of a mapping that is published here. Raises CommandError (usage)."""
    if tenant is None and who.tenant is not None:
        tenant = who.tenant
    if tenant is not None:
        check_tenant(state, tenant)
        return tenant
    names = {each: described(state, each).get("mappings", {}) for each in released_tenants(state)}
    found = [each for each, mappings in names.items() if mapping in mappings]
    if len(found) == 1:
        return found[0]
    if found:
        raise CommandError(
            Exit.USAGE, f"several tenants have a mapping {mapping}: {', '.join(found)}", "name one: --tenant"
        )
    broken = broken_releases(state, (each for each in names if NAME.fullmatch(each)))
    for each, why in broken.items():
        raise CommandError(
            Exit.REFUSED,
            f"no mapping {mapping} is known here, and the release of {each} that stands does not count: {why}",
            put_back(state, each),
        )
    known = {name for mappings in names.values() for name in mappings}
    raise CommandError(
        Exit.USAGE,
        f"no mapping {mapping} is published here",
        did_you_mean(mapping, known) or f"published: {', '.join(sorted(known)) or 'nothing'}",
    )
