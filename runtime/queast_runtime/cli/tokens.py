"""`qmap tokens mint`."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

from queast_dsl.diagnostics.nearest import did_you_mean
from queast_runtime.cli.account import shell_subject
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import settings_for
from queast_runtime.cli.output import Format, data, data_json, say
from queast_runtime.cli.status import check_tenant
from queast_runtime.security.keys import KeyUnusable, token_key
from queast_runtime.security.roles import Caller, Role
from queast_runtime.security.tokens import SUBJECT_CHARACTERS, is_subject, mint

# What a person logs in as. The other roles of the table act through other doors.
_MINTED: Final[tuple[Role, ...]] = ("reviewer", "tenant_admin")


def run(tenant: str, subject: str, role: str, hours: int, format: Format) -> None:
    """Print a token on stdout and nothing else; what it is good for is said on stderr. Nothing is stored of it."""
    _, state = settings_for(None)
    check_tenant(state, tenant)
    if role not in _MINTED:
        raise CommandError(
            Exit.USAGE, f"no token is made for a role {role}", did_you_mean(role, _MINTED) or "reviewer or tenant_admin"
        )
    if not is_subject(subject):
        raise CommandError(
            Exit.USAGE,
            "--subject is no name that can be shown beside an answer",
            f"1 to {SUBJECT_CHARACTERS} visible characters, without spaces at its ends",
        )
    now, by = datetime.now(UTC), shell_subject()
    ends_at = (now + timedelta(hours=hours)).replace(microsecond=0)
    caller = Caller(tenant, _MINTED[_MINTED.index(role)], subject)
    try:
        token = mint(token_key(state), caller, jti=secrets.token_urlsafe(24), now=now, ends_at=ends_at, minted_by=by)
    except (KeyUnusable, OSError) as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot sign a token: {error}") from error
    ends = ends_at.isoformat().replace("+00:00", "Z")
    if format is Format.JSON:
        data_json({"token": token, "tenant": tenant, "role": role, "subject": subject, "ends_at": ends})
        return
    data(f"{token}\n")
    say(f"{subject} may log in as {role} of {tenant} with it until {ends}; give it to nobody else")
