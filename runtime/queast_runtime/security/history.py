"""Who released what, when and why: a signed record a release, written before the release becomes active, never changed.

    STATE/releases/<tenant>/history/<sequence>.json   {"schema_version": 1, "release": …, "record": …}

Both are DSSE envelopes: the release as it ran, and the record of it with a payload type of its own. The record names
the release's digest, so neither can be put beside another, and the digest of the record before it: one that was removed
or replaced is seen. One from before records were kept has `"record": null`, and stands before all that have one.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from queast_compiler.plan.canonical import NotCanonical, digest, dumps, loads
from queast_compiler.plan.dsse import EnvelopeRefused, seal, verified
from queast_compiler.plan.release import Release, ReleaseRefused, verify

PAYLOAD_TYPE: Final = "application/vnd.queast.release-record+json"
RECORD_VERSION: Final = 2
_FILE_VERSION: Final = 1
_FILE: Final = re.compile(r"([1-9][0-9]{0,8})\.json")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_KEYS: Final = {"schema_version", "release", "record"}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a person's name as it stands in their token, or `cli:<user>` of the operator's shell."""

    subject: str
    role: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """A category that was accepted: by who published, or in a commit, which counts in the role of who published."""

    category: str
    commit: str | None = None
    author: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """The second person's word (D5.4). `at` is in UTC; `minted_by` is who made the token that they showed, None for the
    operator; `pending` is the id of what they approved, None in records from before it was kept."""

    actor: Actor
    at: datetime
    reason: str | None
    minted_by: str | None = None
    pending: str | None = None


@dataclass(frozen=True, slots=True)
class WentBack:
    """A mapping that a rollback took from one plan to an older one."""

    mapping: str
    left: str
    back_to: str


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of one release. `release` is the digest of its signed payload, `replaced` the sequence that was
    active before it (0 for none). `again` are plans of mappings that a rollback had left and that were published again
    all the same, and those that they were published as: a plan is another with a comment in its file. `previous` is the
    digest of the record before it, None for the first."""

    tenant: str
    sequence: int
    kind: Literal["publish", "rollback"]
    at: datetime
    release: str
    replaced: int
    actor: Actor
    reason: str | None
    accepted: tuple[Accepted, ...] = ()
    approval: Approval | None = None
    went_back: tuple[WentBack, ...] = ()
    again: tuple[str, ...] = ()
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One release that was made; `record` is None for one from before records were kept. `digest` is the record's."""

    release: Release
    record: Record | None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Damaged:
    """A file of the history that does not count; `why` is a sentence."""

    sequence: int
    why: str


@dataclass(frozen=True, slots=True)
class History:
    """All releases of a tenant, oldest first. `active` is the sequence of the one that stands now, 0 for none."""

    entries: tuple[Entry, ...]
    damaged: tuple[Damaged, ...]
    active: int
    _ran: frozenset[int] = field(init=False, repr=False, compare=False)
    _left: Mapping[str, Mapping[str, int]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Both are asked for each mapping and each release; they are read off the records once.
        following = {e.record.replaced for e in self.entries if e.record is not None}
        before = {e.release.sequence for e in self.entries if e.record is None}
        object.__setattr__(self, "_ran", frozenset({self.active, *following, *before}))
        object.__setattr__(self, "_left", self._all_left())

    @property
    def head(self) -> str | None:
        """The digest of the newest record, which the next one names; None where there is none."""
        return next((each.digest for each in reversed(self.entries) if each.digest is not None), None)

    @property
    def last(self) -> int:
        """The highest sequence that was ever given."""
        return max([self.active, *(e.release.sequence for e in self.entries), *(d.sequence for d in self.damaged)])

    def took_effect(self, entry: Entry) -> bool:
        """Whether a release was ever active, as far as the records tell.

        A process that ended at the wrong moment leaves a record of one that was not; where the record after it does not
        count, nobody can say so.
        """
        sequence = entry.release.sequence
        return entry.record is None or sequence in self._ran or any(d.sequence == sequence + 1 for d in self.damaged)

    def left_behind(self, mapping: str) -> Mapping[str, int]:
        """Return the plans of a mapping that a rollback left, by digest the sequence of that rollback; not those that
        were taken up again since, by a rollback to them or by `--again`."""
        return self._left.get(mapping, {})

    def _all_left(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for entry in self.entries:
            if entry.record is None or not self.took_effect(entry):
                continue
            # A mapping that no rollback ever left has nothing to take up.
            for mapping, left in found.items():
                now = entry.release.mappings.get(mapping) if entry.record.kind == "rollback" else None
                for taken_up in (now, *entry.record.again):
                    left.pop(taken_up or "", None)
            for went in entry.record.went_back:
                found.setdefault(went.mapping, {})[went.left] = entry.release.sequence
        return found


def history_path(folder: Path, sequence: int) -> Path:
    """Return where the history of a tenant's folder of releases keeps one of them."""
    return folder / "history" / f"{sequence}.json"


def sequences(folder: Path) -> list[int]:
    """Return the sequences that have a file in the history, ascending; nothing is read."""
    return numbers_in(folder / "history")


def numbers_in(folder: Path) -> list[int]:
    """Return the numbers that files of a folder are named by, ascending: `12.json`."""
    found = (_FILE.fullmatch(path.name) for path in folder.glob("*.json"))
    return sorted(int(matched[1]) for matched in found if matched)


def sign_record(record: Record, key: Ed25519PrivateKey) -> bytes:
    """Return the envelope of a record."""
    return seal(PAYLOAD_TYPE, dumps(_as_json(record)), key)


def entry_bytes(release: bytes, record: bytes | None) -> bytes:
    """Return the file of two envelopes."""
    kept = None if record is None else json.loads(record)
    return dumps({"schema_version": _FILE_VERSION, "release": json.loads(release), "record": kept}) + b"\n"


def write_once(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, whole and synced. Raises OSError (FileExistsError where it is there)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{id(data)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def read_history(folder: Path, tenant: str, trusted: Mapping[str, Ed25519PublicKey], active: int) -> History:
    """Return a tenant's history. What is altered, unreadable or of another tenant is said, not raised; so is a sequence
    that is missing among the others, and a record that does not follow the one before it."""
    entries: list[Entry] = []
    damaged: list[Damaged] = []
    there = sequences(folder)
    before: str | None = None
    # After one that does not count nobody can say what the next has to follow; that one is told of by itself.
    is_known = True
    for number in range(there[0], max(there[-1], active) + 1) if there else ():
        try:
            entry = _read(history_path(folder, number), tenant, number, trusted)
            if entry.record is None and (before is not None or not is_known):
                raise ValueError("its record was taken out")
            if entry.record is not None and is_known and entry.record.previous != before:
                raise ValueError("it does not follow the record before it")
            entries.append(entry)
            before, is_known = entry.digest, True
            continue
        except FileNotFoundError:
            damaged.append(Damaged(number, "its file is missing"))
        except OSError as error:
            damaged.append(Damaged(number, f"it cannot be read: {(error.strerror or 'no reason given').lower()}"))
        except (NotCanonical, EnvelopeRefused, ReleaseRefused, ValueError, KeyError, TypeError) as error:
            damaged.append(Damaged(number, str(error)))
        is_known = False
    return History(tuple(entries), tuple(damaged), active)


def _read(path: Path, tenant: str, number: int, trusted: Mapping[str, Ed25519PublicKey]) -> Entry:
    kept = loads(path.read_bytes().removesuffix(b"\n"))
    if kept.keys() != _KEYS or kept["schema_version"] != _FILE_VERSION:
        raise ValueError("it is of another version or shape")
    release = verify(dumps(kept["release"]) + b"\n", trusted, tenant, 0)
    if release.sequence != number:
        raise ValueError(f"it holds release {release.sequence}")
    if kept["record"] is None:
        return Entry(release, None)
    payload, _ = verified(dumps(kept["record"]) + b"\n", PAYLOAD_TYPE, trusted, "the record")
    record = _from_json(loads(payload))
    if (record.tenant, record.sequence, record.release) != (tenant, number, release.digest):
        raise ValueError("its record is of another release")
    return Entry(release, record, digest(payload))


def _as_json(record: Record) -> dict[str, Any]:
    found = asdict(record)
    found["at"] = time_text(record.at)
    if record.approval is not None:
        found["approval"]["at"] = time_text(record.approval.at)
    return {"schema_version": RECORD_VERSION, **found}


def _from_json(value: dict[str, Any]) -> Record:
    if value.pop("schema_version") != RECORD_VERSION:
        raise ValueError("its record is of another version")
    approval = value["approval"]
    known = {
        **value,
        "at": time_of(value["at"]),
        "actor": Actor(**value["actor"]),
        "accepted": tuple(Accepted(**each) for each in value["accepted"]),
        "went_back": tuple(WentBack(**each) for each in value["went_back"]),
        "again": tuple(value["again"]),
        "approval": None
        if approval is None
        else Approval(
            Actor(**approval["actor"]),
            time_of(approval["at"]),
            approval["reason"],
            approval.get("minted_by"),
            approval.get("pending"),
        ),
    }
    return Record(**known)


def time_text(moment: datetime) -> str:
    """`2026-11-27T08:00:00Z`, to the second."""
    return moment.astimezone(UTC).strftime(_TIME)


def time_of(text: str) -> datetime:
    """Read what `time_text` wrote. Raises ValueError."""
    return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
