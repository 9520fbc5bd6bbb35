"""Who acts: a person by their token, or the operator by their own shell, which is trusted."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from queast_runtime.cli.account import shell_subject
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.security.history import Actor
from queast_runtime.security.keys import KeyUnusable, token_key
from queast_runtime.security.roles import GRANTED, ROLES, Permission, Role, may
from queast_runtime.security.tokens import TokenRefused, verify

TOKEN_VARIABLE: Final = "QMAP_TOKEN"  # noqa: S105 - the name of a setting
REASON_CHARACTERS: Final = 500
_DOING: Final[dict[Permission, str]] = {
    "release.publish": "publish",
    "release.approve": "approve a release",
    "release.withdraw": "take back what somebody else asked for",
    "release.rollback": "go back to an older plan",
    "release.read": "see who released what",
    "release.accept_security": "accept SECURITY",
    "policy.set": "set the platform's policy",
}


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts. `tenant` is the one of their token, `minted_by` who made it; both are None for the operator's shell,
    which acts for any tenant. `is_said` is whether that shell was meant: a pipeline has one, too."""

    subject: str
    role: Role
    tenant: str | None
    minted_by: str | None = None
    is_said: bool = False

    @property
    def actor(self) -> Actor:
        return Actor(self.subject, self.role)

    def require(self, tenant: str, permission: Permission) -> None:
        """Raise CommandError (refused) unless this one may do it for the tenant."""
        if self.tenant not in (None, tenant):
            raise CommandError(
                Exit.REFUSED,
                f"the token is of tenant {self.tenant}, and this is about tenant {tenant}",
                f"ask for a token of {tenant}",
            )
        self.require_role(permission)

    def require_role(self, permission: Permission, doing: str | None = None) -> None:
        """Raise CommandError (refused) unless this one's role has a permission, whatever the tenant. `doing` is what is
        asked for, where it is not what the permission is called after."""
        if not may(self.role, permission):
            able = " or ".join(role for role in reversed(ROLES) if permission in GRANTED[role])
            what = doing or _DOING.get(permission, permission)
            raise CommandError(Exit.REFUSED, f"role {self.role} may not {what}", f"it takes {able}")


def acting(state: Path, token: str | None, *, as_operator: bool = False) -> Acting:
    """Return who acts. Raises CommandError: usage for a token and the operator at once, refused for a token that does
    not count, environment for a key that cannot be used."""
    if token is None and TOKEN_VARIABLE in os.environ:
        # A secret that a pipeline lacks arrives as an empty text: it must not make an operator of whoever runs it.
        raise CommandError(Exit.REFUSED, f"{TOKEN_VARIABLE} is empty", "set it to a token, or unset it")
    if token is None:
        return Acting(shell_subject(), "admin", None, is_said=as_operator)
    if as_operator:
        raise CommandError(Exit.USAGE, "a token and --as-operator are two people", "leave one out: --token, QMAP_TOKEN")
    try:
        passed = verify(token_key(state), token, now=datetime.now(UTC))
    except TokenRefused as error:
        raise CommandError(Exit.REFUSED, str(error), "ask for a new one: qmap tokens mint") from error
    except (KeyUnusable, OSError) as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot verify the token: {error}") from error
    return Acting(passed.caller.subject, passed.caller.role, passed.caller.tenant, passed.minted_by)


def is_pipeline() -> bool:
    """Say whether nobody sits at this shell: continuous integration sets CI."""
    return os.environ.get("CI", "").casefold() not in ("", "0", "false")


def same_person(one: str, other: str) -> bool:
    """Say whether two names may stand for one person: `cli:anna` and a token's `Anna` do."""
    return _person(one) == _person(other)


def is_reason(text: str) -> bool:
    """Say whether a text can stand as a reason: up to 500 visible characters on one line."""
    return 0 < len(text) <= REASON_CHARACTERS and text == text.strip() and all(map(_is_visible, text))


def check_reason(reason: str | None) -> None:
    """Raise CommandError (usage) for a reason that cannot be shown beside a release. None is none."""
    if reason is not None and not is_reason(reason):
        raise CommandError(
            Exit.USAGE,
            "--reason is no reason that can be kept",
            f"1 to {REASON_CHARACTERS} visible characters on one line, without spaces at its ends",
        )


def _person(subject: str) -> str:
    folded = unicodedata.normalize("NFKC", subject).casefold()
    return " ".join(folded.removeprefix("cli:").split())


def _is_visible(each: str) -> bool:
    return each == " " or unicodedata.category(each)[0] not in "CZ"
