"""The gate: which changes block, what was accepted of them, and by whom it may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from queast_compiler.diff.compare import Side, compare
from queast_compiler.diff.model import CATEGORIES, Category, Change
from queast_compiler.pipeline import CompiledTenant
from queast_runtime.cli.diff.grouping import value_text
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import table
from queast_runtime.cli.releases.acting import Acting, is_pipeline
from queast_runtime.security.history import Accepted
from queast_runtime.security.releases import Published
from queast_runtime.security.roles import may

_SHOWN = 48


@dataclass(frozen=True, slots=True)
class Judged:
    """What the gate found for one tenant. `accepted` are those of the given words that meet a gated change; `open` the
    categories that nobody accepted; `second` the accepted ones that a second person must agree to (D5.4)."""

    tenant: str
    changes: tuple[Change, ...]
    accepted: tuple[Accepted, ...]
    open: tuple[Category, ...]
    second: tuple[Category, ...]


def side_of(published: Published | None) -> Side:
    """What stands now; nothing for a tenant that was never published."""
    return Side({}, {}) if published is None else Side(published.connections, published.mappings)


def compiled_side(compiled: CompiledTenant) -> Side:
    """What the sources give."""
    return Side(
        {plan.connection: plan for plan in compiled.connections}, {plan.mapping: plan for plan in compiled.mappings}
    )


def changes_between(old: Side, new: Side) -> tuple[Change, ...]:
    """Return what changes, for the gate and for people."""
    return compare(old, new).changes


def judge(tenant: str, changes: Sequence[Change], given: Iterable[Accepted], who: Acting) -> Judged:
    """Hold changes against what was accepted. Raises CommandError (refused) for SECURITY accepted by who may not."""
    blocking = [each for each in changes if each.kind.gate == "block"]
    gated = ordered(each.kind.category for each in blocking)
    accepted = tuple(each for each in given if each.category in gated)
    names = {each.category for each in accepted}
    if "SECURITY" in names:
        refuse_security(tenant, blocking, who)
    return Judged(
        tenant,
        tuple(changes),
        accepted,
        tuple(each for each in gated if each not in names),
        ordered(each.kind.category for each in blocking if each.kind.second and each.kind.category in names),
    )


def refuse_security(tenant: str, changes: Iterable[Change], who: Acting) -> None:
    """Raise CommandError (refused) where changes are none that this one may accept, or bring about."""
    if not any(each.kind.admin for each in changes):
        return
    if who.tenant is None and is_pipeline() and not who.is_said:
        raise CommandError(
            Exit.REFUSED,
            f"{tenant}: nobody is known to accept SECURITY: CI is set, and no token was given",
            "a person acts by --token; the platform's own pipeline says --as-operator",
        )
    if not may(who.role, "release.accept_security"):
        raise CommandError(
            Exit.REFUSED,
            f"{tenant}: a {who.role} does not accept SECURITY",
            "the platform's admin may, from the operator's own shell",
        )


def ordered(categories: Iterable[Category]) -> tuple[Category, ...]:
    """Return categories once each, in the order of the page."""
    found = set(categories)
    return tuple(each for each in CATEGORIES if each in found)


def gated_text(judged: Judged, root: Path | None = None) -> str:
    """The gated changes that nobody accepted, a line each; with the sources' folder `root` their files are shown."""
    return changes_text(judged.tenant, [each for each in judged.changes if is_open(judged, each)], root)


def is_open(judged: Judged, change: Change) -> bool:
    """Say whether a change blocks and nobody accepted it."""
    return change.kind.gate == "block" and change.kind.category in judged.open


def changes_text(tenant: str, changes: Sequence[Change], root: Path | None = None) -> str:
    """`IDENTITY  acme/acme-hubspot  match.company.name.auto_link  0.95 → 0.88  match loosened  acme/…yaml:14`."""
    return table(
        (
            each.kind.category,
            f"{tenant}/{each.mapping or each.connection}",
            each.path,
            value_text(each, 2 * _SHOWN) or "-",
            each.kind.says,
            _place(each, root),
        )
        for each in changes
    )


def _place(change: Change, root: Path | None) -> str:
    file = (root / change.file).as_posix() if root is not None and change.file else change.file
    return f"{file}:{change.line}" if file and change.line else file
