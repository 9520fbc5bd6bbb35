"""The platform's policy that stands: which one, since when, and who said so (D2.4, D6.5).

    STATE/policy/<number>.json   signed, each with the digest of the one before it; the last one stands

A release is made under it, whatever `policy.yaml` lies beside a tenant's sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from queast_compiler.plan.canonical import digest
from queast_runtime.security.chain import Chain
from queast_runtime.security.history import Actor, Damaged, time_of, time_text

POLICIES: Final = Chain("policy", "application/vnd.queast.platform-policy+json", 1, "the record of a policy")


@dataclass(frozen=True, slots=True)
class StandingPolicy:
    """A policy that stood from `at` on (UTC), as the text of its file."""

    text: str
    at: datetime
    actor: Actor
    reason: str | None

    @property
    def digest(self) -> str:
        """The digest of the file's bytes."""
        return digest(self.text.encode())


def keep_policy(state: Path, policy: StandingPolicy, key: Ed25519PrivateKey) -> None:
    """Let a policy stand from now on. Raises OSError, EnvelopeRefused where the one before it is none any more."""
    POLICIES.append(state, {**asdict(policy), "at": time_text(policy.at)}, key)


def read_policies(
    state: Path, trusted: Mapping[str, Ed25519PublicKey]
) -> tuple[tuple[StandingPolicy, ...], tuple[Damaged, ...]]:
    """Return all that ever stood, oldest first, and what is missing among them or was altered. Raises OSError."""
    return POLICIES.read(state, None, trusted, _from_json)


def _from_json(value: dict[str, Any]) -> StandingPolicy:
    return StandingPolicy(value["text"], time_of(value["at"]), Actor(**value["actor"]), value["reason"])
