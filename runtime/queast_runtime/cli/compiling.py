"""`qmap compile`, and the compilation that lint, publish and show share."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from queast_compiler.passes.check_pins import Pinned
from queast_compiler.pipeline import CompiledTenant, compile_tenant
from queast_dsl.diagnostics import Diagnostics, Finding, Severity
from queast_dsl.document.connector import Connector
from queast_dsl.document.tenant import TenantDocuments
from queast_dsl.loading import connector_names, load_connector, load_tenant
from queast_runtime.capabilities import CARRIED_OUT
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import Format, data, data_json, say
from queast_runtime.cli.places import CONNECTIONS, DEFAULT_ROOT, POLICY, Selection, select
from queast_runtime.cli.targets import check_folder

if TYPE_CHECKING:
    from queast_compiler.lint.fixing import Checked


@dataclass(frozen=True, slots=True)
class Compilation:
    """What one tenant's files came to. `findings` are those of the selected files, `all_findings` the tenant's."""

    selection: Selection
    documents: TenantDocuments
    compiled: CompiledTenant
    findings: tuple[Finding, ...]
    mappings_read: int
    all_findings: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def compile_selection(
    selection: Selection,
    *,
    rules: bool = False,
    hints: bool = True,
    tests: bool = False,
    policy: bytes | None = None,
    edited: Mapping[str, bytes] | None = None,
    pinned: Pinned = Pinned.NOTHING,
) -> Compilation:
    """Load and compile one tenant under the platform policy beside its folder; with `rules` those of lint are asked,
    with `tests` those of the mappings are checked.

    Without `hints` nothing is said of what the engine cannot carry out: for who refuses it anyway. `policy` is the file
    in the place of the one that lies there, or does not; `edited` are files in the place of those on disk. `pinned` is
    what of qmap.lock they are held to: nothing where somebody wants to see what another base would do.
    """
    # Nothing of a compilation is garbage before it ends, and looking for some takes a good part of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        diagnostics = Diagnostics()
        documents, compiled = _compiled(
            selection, diagnostics, rules=rules, hints=hints, tests=tests, edited=edited, policy=policy, pinned=pinned
        )
    finally:
        if collecting:
            gc.enable()
    findings = tuple(finding for finding in diagnostics if concerns(finding, selection))
    _account_for(selection, documents, compiled, findings)
    read = len(documents.mappings) if selection.files is None else len(selection.mappings)
    return Compilation(selection, documents, compiled, findings, read, diagnostics.findings)


def checked(selection: Selection, edited: Mapping[str, bytes]) -> Checked:
    """Return what lint has against the tenant and its plans, with `edited` files in the place of those on disk."""
    from queast_compiler.lint.fixing import Checked
    from queast_compiler.lint.same_meaning import Plans

    diagnostics = Diagnostics()
    _, compiled = _compiled(selection, diagnostics, rules=True, hints=True, tests=selection.asks_tests, edited=edited)
    return Checked(diagnostics.findings, Plans(compiled.connections, compiled.mappings))


def _compiled(
    selection: Selection,
    diagnostics: Diagnostics,
    *,
    rules: bool,
    hints: bool,
    tests: bool = False,
    edited: Mapping[str, bytes] | None = None,
    policy: bytes | None = None,
    pinned: Pinned = Pinned.NOTHING,
) -> tuple[TenantDocuments, CompiledTenant]:
    further = _further_connectors()
    documents = load_tenant(selection.root, selection.tenant, diagnostics, edited=edited, tests=tests, policy=policy)
    compiled = compile_tenant(
        documents,
        diagnostics,
        today=datetime.now(UTC).date(),
        connectors=lambda name: _connector(name, further, diagnostics),
        rules=rules,
        engine=CARRIED_OUT if hints else None,
        pinned=pinned,
    )
    return documents, compiled


def compile_sources(
    root: Path,
    tenant: str,
    sources: Mapping[str, bytes],
    diagnostics: Diagnostics,
    *,
    bases: Path | None,
    connectors: Path | None,
) -> tuple[TenantDocuments, CompiledTenant]:
    """Compile a tenant from files in memory, by path from `root`, which is only shown.

    `bases` and `connectors` are folders of base mappings and manifests in the place of those that ship.
    """
    further = _further_connectors()

    def find(name: str) -> Connector | None:
        if connectors is not None and name in connector_names(connectors):
            return load_connector(name, diagnostics, connectors)
        return _connector(name, further, diagnostics)

    documents = load_tenant(root, tenant, diagnostics, sources=sources, base_folder=bases)
    return documents, compile_tenant(documents, diagnostics, today=datetime.now(UTC).date(), connectors=find)


def _account_for(
    selection: Selection, documents: TenantDocuments, compiled: CompiledTenant, findings: Sequence[Finding]
) -> None:
    """Raise CommandError for a file that was asked for and neither went into a plan nor has a finding."""
    if selection.files is None or any(finding.severity is Severity.ERROR for finding in findings):
        return
    plans = {plan.mapping for plan in compiled.mappings}
    used = {source.path for mapping in documents.mappings if mapping.name in plans for source in mapping.sources}
    used |= {connection.source.path for connection in documents.connections.values()}
    used |= {account.source.path for account in documents.accounts.values()}
    used |= {tests.source.path for tests in documents.tests}
    used |= {selection.shown(POLICY)} if documents.policy is not None else set()
    for file in sorted(selection.files):
        if selection.shown(file) not in used:
            raise CommandError(
                Exit.USAGE,
                f"{selection.shown(file)} is no part of tenant {selection.tenant}: nothing reads it",
                "name a mapping in the tenant's folder, or the tenant's folder itself",
            )


def _further_connectors() -> Path | None:
    """The operator's own folder of manifests (QMAP_CONNECTORS). Raises CommandError where it is set and no folder."""
    # Straight from the environment: reading all settings would cost a lint more than the lint itself.
    named = os.environ.get("QMAP_CONNECTORS")
    if not named:
        return None
    if not Path(named).is_dir():
        raise CommandError(
            Exit.ENVIRONMENT, f"QMAP_CONNECTORS: no such folder: {named}", "name a folder of manifests, or unset it"
        )
    return Path(named)


def find_connector(name: str, diagnostics: Diagnostics) -> Connector | None:
    """Return the manifest of that name, shipped or the operator's own; None after reporting why there is none."""
    return _connector(name, _further_connectors(), diagnostics)


def _connector(name: str, further: Path | None, diagnostics: Diagnostics) -> Connector | None:
    """A shipped manifest first: whoever holds the folder may add a connector, not redefine one that was reviewed."""
    if further is None or name in connector_names():
        return load_connector(name, diagnostics)
    return load_connector(name, diagnostics, further)


def concerns(finding: Finding, selection: Selection) -> bool:
    """Say whether a finding belongs to the files asked for; what they share (connections, base) always does.

    One that speaks of two mappings belongs to both.
    """
    if selection.files is None:
        return True
    if selection.files == {POLICY}:
        return finding.span is not None and finding.span.file.path == selection.shown(POLICY)
    if finding.span is None:
        return True
    path = finding.span.file.path
    places = {path, *(note.span.file.path for note in finding.notes)}
    if not places.isdisjoint(selection.shown(file) for file in selection.files):
        return True
    folder = selection.shown(selection.tenant) + "/"
    # In the tenant's folder and below it: what is there beside connections.yaml is another mapping, or was meant to be.
    own = path.removeprefix(folder)
    return not (path.startswith(folder) and own.endswith((".yaml", ".yml")) and own != CONNECTIONS)


def distinct(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out what was said already: a mistake in the policy is found once for each tenant under it."""
    seen: set[tuple[object, ...]] = set()
    kept: list[Finding] = []
    for each in findings:
        span = each.span
        place = (None, 0, 0) if span is None else (span.file.path, span.start, span.end)
        key = (*place, each.code, each.message)
        if key not in seen:
            seen.add(key)
            kept.append(each)
    return kept


def compile_all(paths: Sequence[Path]) -> list[Compilation]:
    return [compile_selection(selection) for selection in select(paths)]


def run(paths: Sequence[Path], out: Path, format: Format) -> None:
    """Compile PATHS into `out`; with errors nothing is written and the exit code is 1."""
    from queast_compiler.plan.directory import write_plans

    strays = Diagnostics()
    selections = select(paths, strays)
    check_folder(out, "-o", [each.root for each in selections], [each.tenant for each in selections])
    compilations = [compile_selection(selection, pinned=Pinned.ALL) for selection in selections]
    fail_on_findings(compilations, format, strays.findings)
    try:
        written = {
            each.selection.tenant: write_plans(
                out, each.selection.tenant, each.compiled.connections, each.compiled.mappings
            )
            for each in compilations
        }
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot write plans to {out}: {error.strerror}") from error
    if format is Format.JSON:
        data_json({"tenants": {tenant: index.as_json() for tenant, index in written.items()}})
        return
    for tenant, index in written.items():
        for name, digest in index.mappings.items():
            data(f"{tenant}/{name}  {digest}\n")
    roots = {each.selection.root for each in compilations} - {DEFAULT_ROOT}
    say(f"plans are in {out}; next: qmap publish {out}" + "".join(f" --sources {root}" for root in sorted(roots)))


def fail_on_findings(compilations: Sequence[Compilation], format: Format, strays: Sequence[Finding] = ()) -> None:
    """Print findings, `strays` first; raises SystemExit(1) where there is an error."""
    findings = distinct((*strays, *(finding for each in compilations for finding in each.findings)))
    failed = any(finding.severity is Severity.ERROR for finding in findings)
    if failed and format is Format.JSON:
        from queast_dsl.diagnostics.render.json import render as render_json

        data(render_json(findings))
    elif findings:
        from queast_dsl.diagnostics.render.text import render as render_text

        (data if failed else say)(render_text(findings))
    if failed:
        raise SystemExit(Exit.FINDINGS)
