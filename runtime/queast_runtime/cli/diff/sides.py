"""The two sides of a comparison: plans from the working tree, from a commit, from a folder, or from what runs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final

from queast_compiler.diff.compare import Side
from queast_compiler.plan.canonical import loads
from queast_compiler.plan.codec import decode_connection, decode_mapping
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.directory import NAME, PlanDirectoryError, plan_digest, plan_tenants, read_plans
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.diagnostics import Diagnostics, Finding, Severity
from queast_runtime.cli.diff.git import Commit, commit_at, files_at
from queast_runtime.cli.diff.model import Against
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.places import CONNECTIONS, POLICY

# Recorded events, sandbox accounts and tests of mappings go into no plan.
_NOT_READ: Final = ("events", "tests")
_LARGEST: Final = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class TenantPlans:
    """Plans of one tenant by name, with their digests. `broken` are names that have errors and so no plan."""

    side: Side
    mappings: Mapping[str, str]
    connections: Mapping[str, str]
    broken: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default=())


NOTHING: Final = TenantPlans(Side({}, {}), {}, {})


@dataclass(frozen=True, slots=True)
class Reference:
    """What the sources are compared with: plans by tenant. `policy` is the platform's file as it stood there, None
    where nobody can say."""

    against: Against
    tenants: Mapping[str, TenantPlans]
    policy: bytes | None = None

    def of(self, tenant: str) -> TenantPlans:
        return self.tenants.get(tenant, NOTHING)


def plans_of(connections: Sequence[ConnectionPlan], mappings: Sequence[MappingPlan]) -> TenantPlans:
    """Return a side with the digests of its plans."""
    return TenantPlans(
        Side({plan.connection: plan for plan in connections}, {plan.mapping: plan for plan in mappings}),
        {plan.mapping: plan_digest(plan) for plan in mappings},
        {plan.connection: plan_digest(plan) for plan in connections},
    )


def parse_against(text: str) -> Against:
    """`git:main`, `published`, `path/to/folder`. Raises CommandError (usage)."""
    if text == "published":
        return Against("published", text)
    if text.startswith("git:"):
        return Against("git", text.removeprefix("git:"))
    if Path(text).is_dir():
        return Against("folder", text)
    raise CommandError(
        Exit.USAGE, f"--against {text} is no folder", "git:REF for a commit, published for what runs, or a folder"
    )


def reference(against: Against, root: Path, tenants: Sequence[str] | None, state: Path) -> Reference:
    """Return the other side. `root` is the mappings folder, `tenants` those that were asked for (None: all there are).

    Raises CommandError: usage for a commit or folder that is not there, environment for what cannot be read, refused
    for a release that cannot be trusted.
    """
    match against.kind:
        case "git":
            return _of_commit(against, root, tenants)
        case "published":
            return _of_releases(against, state, tenants)
        case "folder":
            return _of_folder(against, tenants)


def _of_commit(against: Against, root: Path, tenants: Sequence[str] | None) -> Reference:
    commit = commit_at(root, against.name)
    sources = files_at(commit, root, largest=_LARGEST, skipped=_NOT_READ)
    found = sorted({path.partition("/")[0] for path in sources if path.count("/") == 1 and path.endswith(CONNECTIONS)})
    label = Path(f"{against.name}:{root.as_posix()}")
    with _older_package(commit) as (bases, connectors):
        compiled = {
            tenant: _compiled(label, tenant, sources, bases, connectors)
            for tenant in found
            if f"{tenant}/{CONNECTIONS}" in sources and (tenants is None or tenant in tenants)
        }
    return Reference(Against("git", against.name, commit.short), compiled, sources.get(POLICY, b""))


@contextmanager
def _older_package(commit: Commit) -> Iterator[tuple[Path | None, Path | None]]:
    """Base mappings and manifests as they stood at the commit, where they live in the same repository; else None."""
    with tempfile.TemporaryDirectory(prefix="qmap-diff-") as folder:
        yield _written(commit, "base", Path(folder)), _written(commit, "connectors", Path(folder))


def _written(commit: Commit, name: str, into: Path) -> Path | None:
    found = files_at(commit, Path(str(files("queast_dsl") / name)), largest=_LARGEST)
    if not found:
        return None
    home = into / name
    home.mkdir()
    for path, content in found.items():
        if "/" not in path:
            (home / path).write_bytes(content)
    return home


def _compiled(
    label: Path, tenant: str, sources: Mapping[str, bytes], bases: Path | None, connectors: Path | None
) -> TenantPlans:
    """Compile a tenant from files in memory. What has errors is left out and named in `broken`."""
    from queast_runtime.cli.compiling import compile_sources

    diagnostics = Diagnostics()
    documents, compiled = compile_sources(label, tenant, sources, diagnostics, bases=bases, connectors=connectors)
    plans = plans_of(compiled.connections, compiled.mappings)
    there = {path.partition("/")[2].rpartition(".")[0] for path in sources if _is_mapping(path, tenant)}
    broken = sorted({*there, *documents.connections} - {*plans.mappings, *plans.connections})
    errors = tuple(each for each in diagnostics if each.severity is Severity.ERROR)
    return TenantPlans(plans.side, plans.mappings, plans.connections, tuple(broken), errors)


def _is_mapping(path: str, tenant: str) -> bool:
    owner, _, name = path.partition("/")
    return owner == tenant and "/" not in name and name.endswith((".yaml", ".yml")) and name != CONNECTIONS


def _of_folder(against: Against, tenants: Sequence[str] | None) -> Reference:
    folder = Path(against.name)
    compiled = plan_tenants(folder)
    if compiled:
        return Reference(
            against, {each: _read(folder, each) for each in compiled if tenants is None or each in tenants}
        )
    from queast_dsl.loading import tenants as tenants_in
    from queast_runtime.cli.compiling import compile_selection
    from queast_runtime.cli.places import Selection

    found: dict[str, TenantPlans] = {}
    for tenant in tenants_in(folder):
        if tenants is None or tenant in tenants:
            made = compile_selection(Selection(folder, tenant, None), hints=False)
            plans = plans_of(made.compiled.connections, made.compiled.mappings)
            names = {*(each.name for each in made.documents.mappings), *made.documents.connections}
            broken = tuple(sorted(names - {*plans.mappings, *plans.connections}))
            errors = tuple(each for each in made.findings if each.severity is Severity.ERROR)
            found[tenant] = TenantPlans(plans.side, plans.mappings, plans.connections, broken, errors)
    if not found and not tenants_in(folder):
        raise CommandError(
            Exit.USAGE, f"--against {folder} holds neither plans nor a tenant", "what qmap compile wrote, or sources"
        )
    policy = folder / POLICY
    return Reference(against, found, policy.read_bytes() if policy.is_file() else b"")


def _read(folder: Path, tenant: str) -> TenantPlans:
    try:
        plans = read_plans(folder, tenant)
    except PlanDirectoryError as error:
        raise CommandError(Exit.ENVIRONMENT, str(error), "compile it again") from error
    return plans_of(
        [decode_connection(loads(plans.data[each])) for each in plans.connections.values()],
        [decode_mapping(loads(plans.data[each])) for each in plans.mappings.values()],
    )


def _of_releases(against: Against, state: Path, tenants: Sequence[str] | None) -> Reference:
    from queast_runtime.cli.releases.standing_policy import standing_policy
    from queast_runtime.cli.status import released_tenants

    policy = standing_policy(state)
    # A stray folder beside them is nobody's release.
    there = [each for each in released_tenants(state) if NAME.fullmatch(each)]
    names = [each for each in there if tenants is None or each in tenants]
    found = {each: published(state, each) for each in names}
    sequences = ", ".join(f"{each} {release}" for each, (release, _) in found.items())
    return Reference(
        Against("published", against.name, f"release {sequences}" if sequences else "nothing is published here"),
        {each: plans for each, (_, plans) in found.items()},
        None if policy is None else policy.text.encode(),
    )


def published(state: Path, tenant: str) -> tuple[int, TenantPlans]:
    """Return a tenant's active release: its sequence (0: none) and plans, verified.

    Raises CommandError: refused for one that cannot be trusted, environment for one that cannot be read.
    """
    from queast_compiler.plan.release import ReleaseRefused
    from queast_runtime.security.keys import KeyUnusable, trusted_keys
    from queast_runtime.security.releases import read_published

    try:
        release = read_published(state, tenant, trusted_keys(state))
    except ReleaseRefused as error:
        raise CommandError(
            Exit.REFUSED, f"the published release of {tenant} cannot be trusted: {error}", "see: qmap status"
        ) from error
    except (KeyUnusable, OSError) as error:
        raise CommandError(Exit.ENVIRONMENT, f"the published release of {tenant} cannot be read: {error}") from error
    if release is None:
        return 0, NOTHING
    plans = plans_of(tuple(release.connections.values()), tuple(release.mappings.values()))
    return release.release.sequence, plans
