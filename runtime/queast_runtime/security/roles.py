"""Who may do what: the one table of roles and permissions (D5.1).

A caller's tenant and role come from a token that this installation signed, or from the operator's own shell; never
from a payload, a path or a tenant's file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

Role = Literal["admin", "tenant_admin", "support", "reviewer", "runtime"]
Permission = Literal[
    "review.read",
    "review.answer",
    "review.bulk",
    "links.read",
    "links.unlink",
    "tokens.mint",
    "serve.inbound",
    "release.read",
    "release.publish",
    "release.approve",
    "release.withdraw",
    "release.rollback",
    "release.accept_security",
    "policy.set",
]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
PERMISSIONS: Final[tuple[Permission, ...]] = get_args(Permission)

_REVIEWING: Final[frozenset[Permission]] = frozenset(
    ("review.read", "review.answer", "review.bulk", "links.read", "links.unlink")
)

_MINTING: Final[frozenset[Permission]] = frozenset(("tokens.mint",))

_RELEASING: Final[frozenset[Permission]] = frozenset(
    ("release.read", "release.publish", "release.approve", "release.withdraw", "release.rollback")
)
_READING: Final[frozenset[Permission]] = frozenset(("release.read",))

# A review shows names as they stand in the CRM, so support, who sees personal data masked only, has none of them.
# Nor has admin, who is not of the tenant. What admin may do is releasing, from the operator's own shell: no token of
# that role is made. A weaker signature or a longer replay window is the platform's to accept, and the policy is its to
# set, never a tenant's.
GRANTED: Final[Mapping[Role, frozenset[Permission]]] = {
    "admin": _RELEASING | frozenset(("release.accept_security", "policy.set")),
    "tenant_admin": _REVIEWING | _MINTING | _RELEASING,
    "support": _READING,
    "reviewer": _REVIEWING | _READING,
    "runtime": frozenset(("serve.inbound",)),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a person's name within a tenant. `subject` is shown and kept beside what they decide."""

    tenant: str
    role: Role
    subject: str


def may(role: Role, permission: Permission) -> bool:
    """Say whether a role has a permission."""
    return permission in GRANTED[role]
