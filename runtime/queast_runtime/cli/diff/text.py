"""What `qmap diff` prints on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from queast_compiler.diff.model import Category, Change
from queast_runtime.cli.diff.effect_text import effect_lines
from queast_runtime.cli.diff.grouping import Part, Section, cut, says, sections, value_text
from queast_runtime.cli.diff.model import Report, TenantReport
from queast_runtime.cli.wording import counted

_SIGNS: Final = {(False, True): "+", (True, False): "-", (True, True): "~", (False, False): "~"}
_LEAF, _VALUE, _CATEGORY = 34, 54, 12


def render(report: Report, *, context: int | None, publish: Sequence[str]) -> str:
    """Return the text. `publish` are the words of the command that goes on, without the categories."""
    lines: list[str] = []
    if report.against.kind == "published" and report.changes and not any(each.digests[0] for each in report.tenants):
        lines += ["nothing is published here (QMAP_STATE says where): everything counts as new", ""]
    for tenant in report.tenants:
        lines += _tenant(tenant, report, context)
    if not report.changes:
        lines.append(f"no change: the plans are those of {report.against.shown}, but for places in files")
        if any(tenant.effect is not None and not tenant.effect.is_none for tenant in report.tenants):
            lines.append("the sample shows a difference all the same; this is a bug worth reporting")
    lines += [f"note: {each}" for each in report.notes]
    for tenant in report.tenants:
        lines += [f"note: {each}" for each in tenant.drift]
    lines += _verdict(report, publish)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _tenant(tenant: TenantReport, report: Report, context: int | None) -> Iterator[str]:
    for section in sections(tenant, context):
        yield from _section(section)
        yield ""
    for name in tenant.broken:
        yield f"{tenant.tenant}/{name} did not compile at {report.against.shown}: all of it counts as new"
    if tenant.effect is not None:
        yield from effect_lines(tenant, tenant.effect, show_values=report.show_values)
        yield ""


def _section(section: Section) -> Iterator[str]:
    if section.mapping is None:
        yield f"connection {section.connection}   {_plans(section)}"
    else:
        yield f"mapping {section.mapping}   {_plans(section)}        connection {section.connection}"
    for part in section.parts:
        yield from _part(part)


def _plans(section: Section) -> str:
    match section.before, section.after:
        case None, after:
            return f"plan {after}, new"
        case before, None:
            return f"plan {before}, gone"
        case before, after:
            return f"plan {before} → {after}"


def _part(part: Part) -> Iterator[str]:
    title = part.name if part.object is None else f"{part.name} → {part.object}"
    where = f"{part.file}:{part.line}" if part.line else part.file
    yield f"  {title.ljust(_LEAF + _VALUE - 4)}  {where}"
    for line in part.lines:
        if line.change is None:
            yield f"    = {line.leaf.ljust(_LEAF)} {cut(line.text)}"
        else:
            yield _change(line.leaf, line.change)
    if part.unchanged:
        yield f"    ({counted(part.unchanged, 'field')} unchanged; --full to show)"


def _change(leaf: str, change: Change) -> str:
    mark = "!" if change.kind.gate == "block" else " "
    sign = _SIGNS[change.old is not None, change.new is not None]
    value = value_text(change, _VALUE)
    category = change.kind.category.ljust(_CATEGORY)
    return f"{mark}   {sign} {leaf.ljust(_LEAF)} {value.ljust(_VALUE)} {category} {says(change)}"


def _verdict(report: Report, publish: Sequence[str]) -> Iterator[str]:
    for each in report.accepted:
        yield f"Accepted: {each.category} by {each.author} in {each.commit[:7]}: {cut(each.reason, 200)}"
    if report.open:
        names = ",".join(report.open)
        yield f'Gated: {", ".join(report.open)}.  To go on: {" ".join(publish)} --accept {names} --reason "..."'
    elif report.gated:
        yield f"Gated, and accepted by commits: {', '.join(report.gated)}.  To go on: {' '.join(publish)}"
    elif report.changes:
        yield f"{counted(len(report.changes), 'change')}, none gated.  To go on: {' '.join(publish)}"
    yield from second(report.changes, report.gated)


def second(changes: Sequence[Change], open_: Sequence[Category]) -> Iterator[str]:
    """Who else must agree, one line each."""
    twice = sorted({each.kind.category for each in changes if each.kind.second and each.kind.category in open_})
    if twice:
        yield f"{', '.join(twice)}: a second person must approve it after publishing (qmap approve)"
    if any(each.kind.admin for each in changes):
        yield "SECURITY: a tenant cannot accept this; Queast's admin must"
