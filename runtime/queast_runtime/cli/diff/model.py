"""What `qmap diff` found, ready to be printed in any format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from queast_compiler.diff.compare import Comparison, Side
from queast_compiler.diff.model import CATEGORIES, Category, Change
from queast_runtime.preview.effect_model import Effect


@dataclass(frozen=True, slots=True)
class Against:
    """What the sources are compared with. `name` is what was asked for, `revision` the commit or release behind it."""

    kind: Literal["git", "published", "folder"]
    name: str
    revision: str | None = None

    @property
    def shown(self) -> str:
        text = {"git": f"git:{self.name}", "published": "the published release", "folder": self.name}[self.kind]
        return text if self.revision is None else f"{text} ({self.revision})"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A category that a commit of the change accepts by its trailer, for these tenants. It is never SECURITY."""

    category: Category
    reason: str
    commit: str
    author: str
    tenants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TenantReport:
    """One tenant. `digests` are those of the plans by name, of each side. `broken` names mappings and connections that
    did not compile before, and so are compared with nothing. `drift` says where what is published is not what the
    sources are compared with."""

    tenant: str
    old: Side
    new: Side
    digests: tuple[Mapping[str, str], Mapping[str, str]]
    connection_digests: tuple[Mapping[str, str], Mapping[str, str]]
    comparison: Comparison
    effect: Effect | None
    broken: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        return self.comparison.changes


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. `accepted` are acceptances that commits bring along; who publishes must be allowed to make them.
    `notes` concern all tenants."""

    against: Against
    sources: str
    tenants: tuple[TenantReport, ...]
    accepted: tuple[Acceptance, ...] = ()
    show_values: bool = False
    notes: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        return tuple(change for tenant in self.tenants for change in tenant.changes)

    @property
    def gated(self) -> tuple[Category, ...]:
        """Categories that must be accepted, in the order of the page."""
        return gated(self.changes)

    @property
    def open(self) -> tuple[Category, ...]:
        """Gated categories that no commit accepts yet."""
        done = {(tenant, each.category) for each in self.accepted for tenant in each.tenants}
        still = {each for tenant in self.tenants for each in gated(tenant.changes) if (tenant.tenant, each) not in done}
        return tuple(each for each in self.gated if each in still)

    @property
    def twice(self) -> tuple[Category, ...]:
        """Gated categories that take a second person, too, whoever accepted them (D5.4)."""
        found = {each.kind.category for each in self.changes if each.kind.second}
        return tuple(each for each in self.gated if each in found)


def gated(changes: tuple[Change, ...]) -> tuple[Category, ...]:
    found = {change.kind.category for change in changes if change.kind.gate == "block"}
    return tuple(each for each in CATEGORIES if each in found)
