"""`qmap diff`: compile the sources, compare them with what stood before, try both on events, print, never ask."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import Final

from queast_compiler.diff.compare import Comparison, compare
from queast_dsl.diagnostics import Diagnostics, Severity
from queast_runtime.cli.compiling import Compilation, compile_selection, distinct
from queast_runtime.cli.diff import machine, markdown, text
from queast_runtime.cli.diff.accepted import accepted_since
from queast_runtime.cli.diff.effects import Material, effect_of
from queast_runtime.cli.diff.formats import DiffFormat
from queast_runtime.cli.diff.model import Against, Report, TenantReport
from queast_runtime.cli.diff.sides import Reference, TenantPlans, parse_against, plans_of, published, reference
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import data, say
from queast_runtime.cli.places import DEFAULT_ROOT, POLICY, Selection, mappings_folder, select
from queast_runtime.cli.targets import CHANGE, DIFF, check_apart, check_target
from queast_runtime.cli.wording import counted

_DEFAULT_OUT: Final = "change.json"


@dataclass(frozen=True, slots=True)
class Asked:
    """What `qmap diff` was called with. `context` None is everything that stays as it is."""

    against: str = "published"
    format: DiffFormat = DiffFormat.TEXT
    sample: int | None = None
    events: Sequence[Path] = ()
    records: Sequence[Path] = ()
    out: Path | None = None
    output: Path | None = None
    context: int | None = 0
    show_values: bool = False
    detailed: bool = False
    store: str | None = None


def run(paths: Sequence[Path], asked: Asked) -> None:
    """Print the change. Raises SystemExit: 1 findings in the sources, 3 changes if asked for, 4 an open gate."""
    against = parse_against(asked.against)
    if asked.sample is not None and asked.events:
        raise CommandError(Exit.USAGE, "--sample takes events of the archive, --events those of a file", "give one")
    strays = Diagnostics()
    selections = select(paths, strays)
    root = _one_root(selections)
    if asked.out is not None and any(each.files is not None for each in selections):
        raise CommandError(
            Exit.USAGE,
            "--out writes a change of whole tenants, and PATHS name single files",
            f"name the tenant's folder: qmap diff {root.as_posix()}/{selections[0].tenant} --out {asked.out}",
        )
    _check_targets(asked, root)
    compilations = [compile_selection(each, hints=False) for each in selections]
    errors = distinct(
        each
        for each in (*strays.findings, *(finding for made in compilations for finding in made.findings))
        # What is only worth a remark is lint's to say.
        if each.severity is Severity.ERROR
    )
    if errors:
        from queast_runtime.cli.diff import refused

        _put(refused.render(errors, asked.format), asked)
        raise SystemExit(Exit.FINDINGS)
    whole = not paths or any(mappings_folder(path).resolve() == root.resolve() for path in paths)
    state = _state()
    before = reference(against, root, None if whole else [each.tenant for each in selections], state)
    material = Material(asked.sample, tuple(asked.events), tuple(asked.records), asked.store)
    tenants = [_report(each, before, state, material) for each in compilations]
    if whole:
        tenants += [_gone(tenant, before) for tenant in sorted({*before.tenants} - {each.tenant for each in tenants})]
    report = Report(
        before.against,
        root.as_posix(),
        tuple(tenants),
        accepted_since(before.against, root, [each.tenant for each in tenants]),
        show_values=asked.show_values,
        notes=_notes(before, root),
    )
    if asked.out is not None:
        _write_change(asked.out, report, before)
    _print(report, asked, _publish_words(report, asked, root))
    if report.open:
        raise SystemExit(Exit.GATED)
    if report.changes and asked.detailed:
        raise SystemExit(Exit.CHANGES)


def _check_targets(asked: Asked, root: Path) -> None:
    check_apart([("--out", asked.out), ("-o", asked.output)])
    if asked.out is not None:
        check_target(asked.out, CHANGE, "--out", [root])
    if asked.output is not None:
        check_target(asked.output, DIFF, "-o", [root])


def _notes(before: Reference, root: Path) -> tuple[str, ...]:
    """Say where the platform's policy is another one: it decides what compiles, and is no tenant's to change."""
    path = root / POLICY
    now = path.read_bytes() if path.is_file() else b""
    if before.policy is None or before.policy == now:
        return ()
    if before.against.kind == "published":
        return (f"{path.as_posix()} is another policy than the platform's, which counts when this is published",)
    return (f"{path.as_posix()} is another one than at {before.against.shown}: only Queast's admin sets it",)


def _one_root(selections: Sequence[Selection]) -> Path:
    roots = sorted({each.root for each in selections})
    if len(roots) != 1:
        raise CommandError(
            Exit.USAGE,
            f"PATHS lie in {len(roots)} mappings folders: {', '.join(map(str, roots))}",
            "compare one folder at a time",
        )
    return roots[0]


def _state() -> Path:
    """The state folder, which need not be there: comparing makes none."""
    from queast_runtime.settings import SettingsError, load_settings

    try:
        state = load_settings().state
    except SettingsError as error:
        raise CommandError(Exit.ENVIRONMENT, str(error)) from error
    if state.exists() and not state.is_dir():
        raise CommandError(Exit.ENVIRONMENT, f"the state folder {state} is no folder", "check QMAP_STATE")
    return state


def _report(compilation: Compilation, before: Reference, state: Path, material: Material) -> TenantReport:
    tenant = compilation.selection.tenant
    old = before.of(tenant)
    new = plans_of(compilation.compiled.connections, compilation.compiled.mappings)
    comparison = _shown(_of_files(compare(old.side, new.side), compilation), compilation.selection)
    return TenantReport(
        tenant,
        old.side,
        new.side,
        (old.mappings, new.mappings),
        (old.connections, new.connections),
        comparison,
        effect_of(tenant, (old, new), comparison, material, compilation.selection.root),
        old.broken,
        _drift(tenant, before, old, state) if comparison.changes else (),
    )


def _of_files(comparison: Comparison, compilation: Compilation) -> Comparison:
    """Keep the mappings that were asked for, and what belongs to connections: it concerns them all."""
    files = compilation.selection.files
    if files is None:
        return comparison
    names = {Path(each).stem for each in compilation.selection.mappings}
    kept = tuple(each for each in comparison.changes if each.mapping is None or each.mapping in names)
    left = len(comparison.changes) - len(kept)
    if left:
        say(f"{counted(left, 'change')} of other files of {compilation.selection.tenant} not shown: name its folder")
    return replace(comparison, changes=kept)


def _shown(comparison: Comparison, selection: Selection) -> Comparison:
    """Name files from where the person stands; base mappings and manifests ship with the product, under their names."""
    own = (f"{selection.tenant}/", POLICY)
    changes = tuple(
        replace(each, file=selection.shown(each.file)) if each.file.startswith(own) else each
        for each in comparison.changes
    )
    return replace(comparison, changes=changes)


def _gone(tenant: str, before: Reference) -> TenantReport:
    """A tenant whose folder is gone: everything of it goes."""
    old, new = before.of(tenant), plans_of((), ())
    comparison = compare(old.side, new.side)
    return TenantReport(tenant, old.side, new.side, (old.mappings, {}), (old.connections, {}), comparison, None)


def _drift(tenant: str, before: Reference, old: TenantPlans, state: Path) -> tuple[str, ...]:
    """Say where what runs is not what the sources are compared with."""
    if before.against.kind == "published":
        return ()
    if not (state / "releases" / tenant / "current.json").is_file():
        return (f"what is live for {tenant} is not known here, and may be something else than what this compares with",)
    sequence, running = published(state, tenant)
    differing = compare(old.side, running.side).changes
    if not differing:
        return ()
    kinds = ", ".join(dict.fromkeys(each.kind.category for each in differing))
    return (
        f"release {sequence} of {tenant}, which runs, is not what {before.against.shown} says:"
        f" {counted(len(differing), 'place')} differ ({kinds}); what publishing changes: qmap diff --against published",
    )


def _write_change(path: Path, report: Report, before: Reference) -> None:
    from datetime import UTC, datetime

    from queast_runtime.cli import changefile

    tenants = tuple(
        changefile.TenantChange(
            tenant=each.tenant,
            old=changefile.PlanDigests(dict(each.connection_digests[0]), dict(each.digests[0])),
            new=changefile.PlanDigests(dict(each.connection_digests[1]), dict(each.digests[1])),
            changes=changefile.rows_of(each.changes),
            events=0 if each.effect is None else each.effect.events,
        )
        for each in report.tenants
    )
    against = changefile.Against(before.against.kind, before.against.name)
    changefile.write_change(path, changefile.ChangeFile(datetime.now(UTC), against, tenants))


def _publish_words(report: Report, asked: Asked, root: Path) -> list[str]:
    sources = [] if root == DEFAULT_ROOT else ["--sources", quote(root.as_posix())]
    commits = ["--accept-from", quote(f"{report.against.name}..HEAD")] if report.accepted else []
    if asked.out is not None:
        return ["qmap", "publish", quote(asked.out.as_posix()), *sources, *commits]
    return ["qmap", "diff", "--out", _DEFAULT_OUT, "&&", "qmap", "publish", _DEFAULT_OUT, *sources, *commits]


def _print(report: Report, asked: Asked, publish: Sequence[str]) -> None:
    if _put(_rendered(report, asked, publish), asked):
        say(f"{counted(len(report.changes), 'change')}; written to {asked.output}")


def _put(made: str, asked: Asked) -> bool:
    """Print it, or write it to the file that was named; say whether it was the file."""
    if asked.output is None:
        data(made)
        return False
    from queast_compiler.plan.directory import write_atomically

    try:
        write_atomically(asked.output, made.encode("utf-8"))
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot write {asked.output}: {error.strerror}") from error
    return True


def _rendered(report: Report, asked: Asked, publish: Sequence[str]) -> str:
    match asked.format:
        case DiffFormat.TEXT:
            return text.render(report, context=asked.context, publish=publish)
        case DiffFormat.MD:
            return markdown.render(report, publish=publish)
        case DiffFormat.JSON:
            return _json(machine.as_json(report))
        case DiffFormat.GITHUB:
            return machine.github(report)
        case DiffFormat.GITLAB:
            return _json(machine.gitlab(report))
        case DiffFormat.SARIF:
            return _json(machine.sarif(report))
        case DiffFormat.JUNIT:
            return machine.junit(report)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) + "\n"


__all__ = ["Against", "Asked", "run"]
