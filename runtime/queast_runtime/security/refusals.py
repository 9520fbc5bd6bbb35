"""What was refused: a signed, chained record of each publish, approval, withdrawal and rollback that was not let
through.

    STATE/releases/<tenant>/refusals/<number>.json   a link of `chain.py`

They have numbers of their own: a refusal takes none from the releases, and nothing about it changes what stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from queast_runtime.security.chain import Chain
from queast_runtime.security.history import Actor, Damaged, time_of, time_text

REFUSALS: Final = Chain("refusals", "application/vnd.queast.release-refusal+json", 1, "the refusal")
Doing = Literal["publish", "approve", "withdraw", "rollback", "policy set"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Who was refused what, and why. `exit` is the exit code, `accept` the categories that came with the command,
    `about` a mapping, or the id of what waits; None for a publish."""

    tenant: str
    at: datetime
    doing: Doing
    actor: Actor
    exit: int
    why: str
    accept: tuple[str, ...] = ()
    about: str | None = None


def keep_refusal(folder: Path, refusal: Refusal, key: Ed25519PrivateKey) -> None:
    """Append a refusal to those in a tenant's folder of releases. Raises OSError, EnvelopeRefused where the one
    before it is none any more."""
    REFUSALS.append(folder, {**asdict(refusal), "at": time_text(refusal.at)}, key)


def read_refusals(
    folder: Path, tenant: str, trusted: Mapping[str, Ed25519PublicKey]
) -> tuple[tuple[Refusal, ...], tuple[Damaged, ...]]:
    """Return the refusals of a tenant, oldest first, and what is missing among them or was altered. Raises OSError."""
    return REFUSALS.read(folder, tenant, trusted, _from_json)


def _from_json(value: dict[str, Any]) -> Refusal:
    return Refusal(
        tenant=value["tenant"],
        at=time_of(value["at"]),
        doing=value["doing"],
        actor=Actor(**value["actor"]),
        exit=value["exit"],
        why=value["why"],
        accept=tuple(value["accept"]),
        about=value["about"],
    )
