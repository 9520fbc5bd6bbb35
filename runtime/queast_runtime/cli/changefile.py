"""The change file that `qmap diff --out` writes and `qmap publish` takes: which plans stood, which come, what changes.

It is canonical JSON on one line (`change.schema.json`), and its `digest` covers all the rest. The digest finds slips
and edits by hand and proves nothing: `publish` trusts no word of the file, computes plans and changes anew and holds
the file against them. Texts of changes are texts of mappings; no event's and no record's value is in it.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from queast_compiler.diff.model import CATEGORIES, Category, Change, Gate
from queast_compiler.plan.canonical import MAX_BYTES, NotCanonical, digest, dumps, loads
from queast_compiler.plan.directory import PlanSet, write_atomically
from queast_runtime.cli.exits import CommandError, Exit

CHANGE_VERSION: Final = 1
KIND: Final = "queast-change"
_AGAIN: Final = "make it anew: qmap diff --against published --out {path}"


@dataclass(frozen=True, slots=True)
class Against:
    """What the change was computed against: a git reference, the published release or a folder, by its name."""

    kind: Literal["git", "published", "folder"]
    name: str


@dataclass(frozen=True, slots=True)
class PlanDigests:
    """A tenant's plans: digests of connections and mappings by name. Empty where nothing stood."""

    connections: Mapping[str, str]
    mappings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change as it is kept: `queast_compiler.diff.model.Change` with its kind by id, category and gate."""

    id: str
    category: Category
    gate: Gate
    connection: str
    mapping: str | None
    path: str
    old: str | None
    new: str | None
    note: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class TenantChange:
    """What changes for one tenant. `events` is how many the effect rests on, 0 where none was looked at."""

    tenant: str
    old: PlanDigests
    new: PlanDigests
    changes: tuple[ChangeRow, ...]
    events: int = 0

    @property
    def gated(self) -> tuple[Category, ...]:
        """The categories that have to be accepted, in the order of the page."""
        return gated_of(self.changes)


@dataclass(frozen=True, slots=True)
class ChangeFile:
    """What `qmap diff --out` found. `created_at` is aware and kept to the second; tenants are sorted by name."""

    created_at: datetime
    against: Against
    tenants: tuple[TenantChange, ...]


def digests_of(plans: PlanSet | None) -> PlanDigests:
    """Return the names and digests of a tenant's plans; None is nothing."""
    return PlanDigests({}, {}) if plans is None else PlanDigests(dict(plans.connections), dict(plans.mappings))


def rows_of(changes: Iterable[Change]) -> tuple[ChangeRow, ...]:
    """Return changes as they are kept, in their order."""
    return tuple(
        ChangeRow(
            id=each.kind.id,
            category=each.kind.category,
            gate=each.kind.gate,
            connection=each.connection,
            mapping=each.mapping,
            path=each.path,
            old=each.old,
            new=each.new,
            note=each.note,
            file=each.file,
            line=each.line,
        )
        for each in changes
    )


def gated_of(rows: Iterable[ChangeRow]) -> tuple[Category, ...]:
    """Return the categories of changes that block, in the order of `CATEGORIES`."""
    found = {each.category for each in rows if each.gate == "block"}
    return tuple(category for category in CATEGORIES if category in found)


def change_bytes(change: ChangeFile) -> bytes:
    """Return the one form of a change file: canonical JSON with its digest, and a line break."""
    body = _as_json(change)
    return dumps({**body, "digest": digest(dumps(body))}) + b"\n"


def write_change(path: Path, change: ChangeFile) -> None:
    """Write a change file whole or not at all. Raises CommandError (environment)."""
    try:
        write_atomically(path, change_bytes(change))
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot write the change to {path}: {error.strerror}") from error


def read_change(path: Path) -> ChangeFile:
    """Return a change file exactly as it was written.

    Raises CommandError: usage for a path that is not there or no file, environment where it cannot be read, refused for
    what `qmap diff` did not write like this: no JSON, truncated, too large, of another version or edited by hand.
    """
    again = _AGAIN.format(path=path)
    data = _read_bounded(path, again)
    try:
        value = loads(data.removesuffix(b"\n"))
    except NotCanonical as error:
        reason = "is no change file, or not the whole of it" if _is_no_object(data) else "was edited by hand"
        raise CommandError(Exit.REFUSED, f"{path} {reason}: {error}", again) from error
    if value.get("kind") != KIND:
        raise CommandError(Exit.REFUSED, f"{path} is not a change file: it says of itself no kind {KIND}", again)
    if value.get("schema_version") != CHANGE_VERSION:
        raise CommandError(Exit.REFUSED, f"{path} is a change file of another version than {CHANGE_VERSION}", again)
    _check_shape(path, value, again)
    if digest(dumps({name: each for name, each in value.items() if name != "digest"})) != value["digest"]:
        raise CommandError(Exit.REFUSED, f"{path} was edited by hand: its digest does not fit its content", again)
    try:
        change = _from_json(value)
    except ValueError as error:
        raise CommandError(Exit.REFUSED, f"{path} is not a change file: no such time", again) from error
    if len({each.tenant for each in change.tenants}) != len(change.tenants):
        raise CommandError(Exit.REFUSED, f"{path} was edited by hand: it names a tenant twice", again)
    if change_bytes(change) != data.removesuffix(b"\n") + b"\n":
        # What follows from the changes (gated), and the order of tenants, are not the writer's choice.
        raise CommandError(Exit.REFUSED, f"{path} was edited by hand: it is not what qmap diff would write", again)
    return change


def _read_bounded(path: Path, again: str) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise CommandError(Exit.USAGE, f"{path} is no file and no folder of plans", again)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise CommandError(Exit.USAGE, f"no such file or folder: {path}", again) from error
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot read {path}: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise CommandError(Exit.REFUSED, f"{path} is too large for a change file: at most {MAX_BYTES} bytes", again)
    return data


def _is_no_object(data: bytes) -> bool:
    return not (data.startswith(b"{") and data.rstrip().endswith(b"}"))


def _check_shape(path: Path, value: dict[str, Any], again: str) -> None:
    from queast_dsl.loading.validate import errors_of

    error = min(errors_of(value, "change"), key=lambda each: list(map(str, each.absolute_path)), default=None)
    if error is not None:
        place = ".".join(map(str, error.absolute_path)) or "its top"
        raise CommandError(Exit.REFUSED, f"{path} is not a change file: something is wrong at {place}", again)


def _as_json(change: ChangeFile) -> dict[str, Any]:
    return {
        "schema_version": CHANGE_VERSION,
        "kind": KIND,
        "created_at": change.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "against": {"kind": change.against.kind, "name": change.against.name},
        "tenants": [_tenant_json(each) for each in sorted(change.tenants, key=lambda each: each.tenant)],
    }


def _tenant_json(change: TenantChange) -> dict[str, Any]:
    return {
        "tenant": change.tenant,
        "old": {"connections": dict(change.old.connections), "mappings": dict(change.old.mappings)},
        "new": {"connections": dict(change.new.connections), "mappings": dict(change.new.mappings)},
        "changes": [{name: getattr(each, name) for name in _ROW} for each in change.changes],
        "gated": list(change.gated),
        "events": change.events,
    }


_ROW: Final = ("id", "category", "gate", "connection", "mapping", "path", "old", "new", "note", "file", "line")


def _from_json(value: dict[str, Any]) -> ChangeFile:
    return ChangeFile(
        created_at=datetime.strptime(value["created_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
        against=Against(value["against"]["kind"], value["against"]["name"]),
        tenants=tuple(
            TenantChange(
                tenant=each["tenant"],
                old=PlanDigests(each["old"]["connections"], each["old"]["mappings"]),
                new=PlanDigests(each["new"]["connections"], each["new"]["mappings"]),
                changes=tuple(ChangeRow(**row) for row in each["changes"]),
                events=each["events"],
            )
            for each in value["tenants"]
        ),
    )
