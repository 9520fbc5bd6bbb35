"""Changes in the order in which a person reads them: by mapping, by the part of it, the place in that part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from queast_compiler.diff.compare import Side
from queast_compiler.diff.model import Change, Gate
from queast_compiler.diff.wording import expression_text
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.diagnostics.render.text import visible
from queast_runtime.cli.diff.model import TenantReport

SEVERITY: Final[Mapping[Gate, int]] = {"block": 0, "warn": 1, "info": 2}
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a part: `leaf` is the place in it; `change` is None for what stays as it is, which is then `text`."""

    leaf: str
    change: Change | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a mapping or connection, such as `routes.companies` (written to `object`)."""

    name: str
    object: str | None
    file: str
    line: int
    lines: tuple[Line, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping with what changes in it, or a connection (`mapping` is None). Digests are short; None: no such plan."""

    mapping: str | None
    connection: str
    before: str | None
    after: str | None
    parts: tuple[Part, ...]


def sections(report: TenantReport, context: int | None = 0) -> Iterator[Section]:
    """Yield connections and mappings that change. `context` is how many unchanged places are kept around a change, None
    for all of them."""
    by_place: dict[tuple[str | None, str], list[Change]] = {}
    for change in report.changes:
        by_place.setdefault((change.mapping, change.connection), []).append(change)
    order = sorted(by_place, key=lambda place: (place[1], place[0] or ""))
    for mapping, connection in order:
        digests = report.connection_digests if mapping is None else report.digests
        name = connection if mapping is None else mapping
        before, after = (short(each.get(name)) for each in digests)
        parts = tuple(_parts(by_place[mapping, connection], report, mapping, context))
        yield Section(mapping, connection, before, after, parts)


def _parts(changes: Sequence[Change], report: TenantReport, mapping: str | None, context: int | None) -> Iterator[Part]:
    by_part: dict[str, list[Change]] = {}
    for change in changes:
        by_part.setdefault(part_of(change.path)[0], []).append(change)
    for name, found in by_part.items():
        same = _unchanged(report.new, mapping, name, {part_of(each.path)[1].partition(".")[0] for each in found})
        lines = _around([Line(part_of(each.path)[1], each) for each in found], same, context)
        first = min(found, key=lambda each: each.line or 1 << 30)
        yield Part(name, _object(report, mapping, name), first.file, first.line, tuple(lines), len(same) - _kept(lines))


def part_of(path: str) -> tuple[str, str]:
    """`routes.companies.fields.industry.write`  ->  `routes.companies`, `industry.write`."""
    steps = path.split(".")
    if steps[0] in ("routes", "match", "receive", "objects", "tables") and len(steps) > 1:
        rest = steps[2:]
        if rest[:1] == ["fields"]:
            rest = rest[1:]
        return ".".join(steps[:2]), ".".join(rest) or "(whole)"
    return steps[0] if len(steps) > 1 else "settings", ".".join(steps[1:]) or steps[0] or "(whole)"


def _object(report: TenantReport, mapping: str | None, part: str) -> str | None:
    for side in (report.new, report.old):
        plan = side.mappings.get(mapping or "")
        for route in () if plan is None else plan.routes:
            if part == f"routes.{route.name}":
                return route.object
    return None


def _unchanged(side: Side, mapping: str | None, part: str, changed: set[str]) -> list[Line]:
    plan = side.mappings.get(mapping or "")
    return [] if plan is None else [Line(leaf, None, text) for leaf, text in _places(plan, part) if leaf not in changed]


def _places(plan: MappingPlan, part: str) -> Iterator[tuple[str, str]]:
    for route in plan.routes:
        if part == f"routes.{route.name}":
            for field in route.fields:
                yield field.property, expression_text(field.expr)


def _around(changed: list[Line], same: list[Line], context: int | None) -> list[Line]:
    """Put the unchanged neighbours by name beside what changes."""
    if context == 0 or not same:
        return changed
    if context is None:
        return [*changed, *same]
    wanted = {each.leaf.partition(".")[0] for each in changed}
    names = sorted({*wanted, *(each.leaf for each in same)})
    places = [at for at, name in enumerate(names) if name in wanted]
    near = {name for at, name in enumerate(names) if any(abs(at - each) <= context for each in places)}
    return [*changed, *(each for each in same if each.leaf in near)]


def _kept(lines: Sequence[Line]) -> int:
    return sum(each.change is None for each in lines)


def short(digest: str | None) -> str | None:
    """`sha256:7c1e90ab…`  ->  `7c1e90`."""
    return None if digest is None else digest.removeprefix("sha256:")[:6]


def value_text(change: Change, width: int = _SHOWN) -> str:
    """`0.95 → 0.88`; of what comes or goes only the one there is."""
    if change.old is not None and change.new is not None:
        old, new = _apart(change.old, change.new, width)
        return f"{old} → {new}"
    return cut(change.new if change.new is not None else change.old or "", width)


def _apart(old: str, new: str, width: int) -> tuple[str, str]:
    """Cut two long texts around where they begin to differ, so that both show it."""
    same = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(0, same - width // 3) if max(len(old), len(new)) > width else 0
    mark = "…" if start else ""
    return mark + cut(old[start:], width), mark + cut(new[start:], width)


def cut(text: str, width: int = _SHOWN) -> str:
    """One line of at most `width` characters, with nothing in it that a terminal would act on."""
    plain = visible(" ".join(text.split()))
    return plain if len(plain) <= width else f"{plain[: width - 1]}…"


def says(change: Change) -> str:
    """What a change is, in words: the kind's phrase, and what the texts do not say."""
    return f"{change.kind.says}; {change.note}" if change.note else change.kind.says


def by_severity(changes: Sequence[Change]) -> list[Change]:
    """Most severe first, in their own order otherwise."""
    return sorted(changes, key=lambda each: SEVERITY[each.kind.gate])


def place(change: Change) -> str:
    """`mappings/acme/a.yaml:12`, without a line where none is known."""
    return f"{change.file}:{change.line}" if change.line else change.file
