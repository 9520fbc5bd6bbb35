"""What came of a run of tests: each with its differences, and what of each mapping was exercised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from queast_compiler.cases.model import ReadyCase
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.document.tenant import TenantDocuments
from queast_runtime.preview.cases.coverage import KINDS, Item, Kind
from queast_runtime.preview.cases.differences import Comparison, Difference, Told

HIDDEN = "(personal data)"


@dataclass(frozen=True, slots=True)
class Result:
    """One test. `differences` is empty where it passed; `file` is as shown to people."""

    tenant: str
    comparison: Comparison
    differences: tuple[Difference, ...]
    seconds: float

    @property
    def case(self) -> ReadyCase:
        return self.comparison.case


@dataclass(frozen=True, slots=True)
class Covered:
    """What of one mapping was exercised."""

    tenant: str
    mapping: str
    items: tuple[Item, ...]

    def of(self, kind: Kind) -> tuple[Item, ...]:
        return tuple(each for each in self.items if each.kind == kind)

    def missed(self, kind: Kind) -> tuple[str, ...]:
        """Return what was never exercised, once each."""
        return tuple(dict.fromkeys(each.name for each in self.of(kind) if not each.hits))


def written_names(documents: TenantDocuments, plan: MappingPlan) -> dict[tuple[str, str], str]:
    """Return what a mapping calls the properties that it writes, by route and key: a key may be a hash."""
    document = next(each for each in documents.mappings if each.name == plan.mapping)
    written = {
        (route.name.value, Path(field.name.span.file.path).name, field.name.span.line): field.name.value
        for route in document.routes
        for field in route.fields
    }
    return {
        (route.name, field.property): name
        for route in plan.routes
        for field in route.fields
        if (name := written.get((route.name, Path(field.file).name, field.line))) is not None
    }


def percent(covered: Sequence[Covered]) -> float:
    """Return the share of all that could be exercised and was, in percent; 100 where there is nothing."""
    items = [item for each in covered for kind in KINDS for item in each.of(kind)]
    return 100.0 * sum(item.hits > 0 for item in items) / len(items) if items else 100.0


def shown_path(root: Path, file: str) -> str:
    """Return a plan's path as people name it: from the mappings folder, or as it is for a base that ships."""
    return (root / file).as_posix() if (root / file).is_file() else file


def shown(value: Any, *, personal: bool) -> str:
    """Return a value of a difference as text."""
    if personal and not isinstance(value, Told):
        return HIDDEN
    if isinstance(value, str):
        return value
    import json

    return json.dumps(value, ensure_ascii=False, default=str)
