"""What was taken back while it waited for a second person: a signed, chained record of each.

    STATE/releases/<tenant>/withdrawals/<number>.json   a link of `chain.py`

The record is what keeps a withdrawn release from being approved: the file that waited may be copied and put back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from queast_compiler.plan.directory import names_and_digests
from queast_runtime.security.chain import Chain
from queast_runtime.security.history import Accepted, Actor, Damaged, time_of, time_text
from queast_runtime.security.pending import Pending, pending_path, sign_pending

WITHDRAWALS: Final = Chain("withdrawals", "application/vnd.queast.release-withdrawal+json", 1, "the withdrawal")
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Who took which waiting release back, and why; then what it was. `minted_by` is who made the token that they
    showed, None for the operator; `connections` and `mappings` are the digests of its plans, and `touched` the mappings
    in which it would have changed something."""

    tenant: str
    id: str
    at: datetime
    actor: Actor
    minted_by: str | None
    reason: str
    kind: Literal["publish", "rollback"]
    asked_by: Actor
    asked_at: datetime
    asked_reason: str | None
    accepted: tuple[Accepted, ...]
    second: tuple[str, ...]
    connections: Mapping[str, str]
    mappings: Mapping[str, str]
    touched: tuple[str, ...]


def withdrawal_of(
    id: str,
    pending: Pending,
    touched: tuple[str, ...],
    at: datetime,
    actor: Actor,
    minted_by: str | None,
    reason: str,
) -> Withdrawal:
    """Return the record of a waiting release that is taken back."""
    return Withdrawal(
        tenant=pending.tenant,
        id=id,
        at=at,
        actor=actor,
        minted_by=minted_by,
        reason=reason,
        kind=pending.kind,
        asked_by=pending.actor,
        asked_at=pending.at,
        asked_reason=pending.reason,
        accepted=pending.accepted,
        second=pending.second,
        connections=pending.connections,
        mappings=pending.mappings,
        touched=touched,
    )


def keep_withdrawal(folder: Path, withdrawal: Withdrawal, key: Ed25519PrivateKey) -> None:
    """Append a withdrawal to those in a tenant's folder of releases. Raises OSError, EnvelopeRefused where the one
    before it is none any more."""
    times = {"at": time_text(withdrawal.at), "asked_at": time_text(withdrawal.asked_at)}
    WITHDRAWALS.append(folder, {**asdict(withdrawal), **times}, key)


def read_withdrawals(
    folder: Path, tenant: str, trusted: Mapping[str, Ed25519PublicKey]
) -> tuple[tuple[Withdrawal, ...], tuple[Damaged, ...]]:
    """Return the withdrawals of a tenant, oldest first, and what is missing among them or was altered. Raises
    OSError."""
    return WITHDRAWALS.read(folder, tenant, trusted, _from_json)


def sign_anew(
    folder: Path, pending: Pending, key: Ed25519PrivateKey, trusted: Mapping[str, Ed25519PublicKey]
) -> tuple[str, bytes]:
    """Return the id of a waiting release that no other has or had, and its envelope. Raises OSError."""
    withdrawn, _ = read_withdrawals(folder, pending.tenant, trusted)
    taken = {each.id for each in withdrawn}
    while True:
        id_, envelope = sign_pending(pending, key)
        if id_ not in taken and not pending_path(folder, id_).exists():
            return id_, envelope
        # Asked for twice within a second it would be one and the same, which may just have been withdrawn.
        pending = replace(pending, at=pending.at + _SECOND)


def _from_json(value: dict[str, Any]) -> Withdrawal:
    return Withdrawal(
        tenant=value["tenant"],
        id=value["id"],
        at=time_of(value["at"]),
        actor=Actor(**value["actor"]),
        minted_by=value["minted_by"],
        reason=value["reason"],
        kind=value["kind"],
        asked_by=Actor(**value["asked_by"]),
        asked_at=time_of(value["asked_at"]),
        asked_reason=value["asked_reason"],
        accepted=tuple(Accepted(**each) for each in value["accepted"]),
        second=tuple(value["second"]),
        connections=names_and_digests(value["connections"], WITHDRAWALS.what),
        mappings=names_and_digests(value["mappings"], WITHDRAWALS.what),
        touched=tuple(value["touched"]),
    )
