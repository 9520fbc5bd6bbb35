"""Releases that wait for a second person (D5.4): plans, and a signed word of who wants them released and why.

They wait for seven days: nobody remembers for longer what they looked at.

    STATE/releases/<tenant>/pending/<id>.json   a DSSE envelope with a payload type of its own; nothing runs by it

The id is taken from the payload's own digest, so that a file under another name does not count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from queast_compiler.plan.canonical import NotCanonical, digest, dumps, loads
from queast_compiler.plan.directory import PlanDirectoryError, names_and_digests
from queast_compiler.plan.dsse import EnvelopeRefused, seal, verified
from queast_runtime.security.history import Accepted, Actor, WentBack, time_of, time_text

PAYLOAD_TYPE: Final = "application/vnd.queast.pending-release+json"
PENDING_VERSION: Final = 2
MAX_WAIT: Final = timedelta(days=7)
PENDING_ID: Final = re.compile(r"p[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Pending:
    """A release that was asked for. The `was_*` digests are what was published then: it is approved over that only.
    `second` are the accepted categories that a second person must agree to, `policy` the digest of the platform's
    policy that it was held to."""

    tenant: str
    kind: Literal["publish", "rollback"]
    at: datetime
    actor: Actor
    reason: str | None
    accepted: tuple[Accepted, ...]
    second: tuple[str, ...]
    again: tuple[str, ...]
    connections: Mapping[str, str]
    mappings: Mapping[str, str]
    was_connections: Mapping[str, str]
    was_mappings: Mapping[str, str]
    policy: str
    went_back: tuple[WentBack, ...] = ()

    def has_ended(self, now: datetime) -> bool:
        return now - self.at > MAX_WAIT

    @property
    def ends_at(self) -> datetime:
        return self.at + MAX_WAIT


class PendingUnusable(ValueError):
    """A waiting release that was altered or is none. The message is a sentence."""


def sign_pending(pending: Pending, key: Ed25519PrivateKey) -> tuple[str, bytes]:
    """Return the id of a waiting release and its envelope."""
    payload = dumps({**asdict(pending), "schema_version": PENDING_VERSION, "at": time_text(pending.at)})
    return _id_of(payload), seal(PAYLOAD_TYPE, payload, key)


def pending_path(folder: Path, id: str) -> Path:
    """Return where a tenant's folder of releases keeps one that waits. Raises PendingUnusable for what is no id."""
    if PENDING_ID.fullmatch(id) is None:
        raise PendingUnusable("the id of a waiting release is p and 12 hex digits")
    return folder / "pending" / f"{id}.json"


def pending_ids(folder: Path) -> list[str]:
    """Return the ids of what waits, sorted; nothing is read."""
    return sorted(path.stem for path in (folder / "pending").glob("*.json") if PENDING_ID.fullmatch(path.stem))


def read_pending(folder: Path, tenant: str, id: str, trusted: Mapping[str, Ed25519PublicKey]) -> Pending:
    """Return a waiting release. Raises PendingUnusable where it is not what was signed, OSError."""
    envelope = pending_path(folder, id).read_bytes()
    try:
        payload, _ = verified(envelope, PAYLOAD_TYPE, trusted, f"the waiting release {id}")
        value = loads(payload)
        pending = _from_json(value)
    except (EnvelopeRefused, NotCanonical, PlanDirectoryError, ValueError, KeyError, TypeError) as error:
        raise PendingUnusable(str(error)) from error
    if _id_of(payload) != id or pending.tenant != tenant:
        raise PendingUnusable(f"what lies under {id} is another waiting release")
    return pending


def _id_of(payload: bytes) -> str:
    return f"p{digest(payload).removeprefix('sha256:')[:12]}"


def _from_json(value: dict[str, Any]) -> Pending:
    if value.pop("schema_version") != PENDING_VERSION:
        raise ValueError("it is of another version")
    digests = {
        name: names_and_digests(value[name], "the waiting release")
        for name in ("connections", "mappings", "was_connections", "was_mappings")
    }
    known = {
        **value,
        **digests,
        "at": time_of(value["at"]),
        "actor": Actor(**value["actor"]),
        "accepted": tuple(Accepted(**each) for each in value["accepted"]),
        "second": tuple(value["second"]),
        "again": tuple(value["again"]),
        "went_back": tuple(WentBack(**each) for each in value["went_back"]),
    }
    return Pending(**known)
