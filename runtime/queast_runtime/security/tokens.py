"""Signed tokens by which a person is known to the pages: JWT, HS256 and nothing else, no leeway.

A *token* is what an operator mints and a person pastes once; a *session* is what the page then keeps in a cookie. Both
are signed with the same key and neither passes for the other: the audience is signed with them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import jwt

from queast_runtime.security.roles import ROLES, Caller, Role

Audience = Literal["qmap", "qmap-session"]

MAX_LIFE: Final = timedelta(hours=24)
SUBJECT_CHARACTERS: Final = 80
_ALGORITHM: Final = "HS256"
_CLAIMS: Final = frozenset(("aud", "tenant", "role", "sub", "iat", "exp", "jti", "by"))
_MAX_CHARACTERS: Final = 2048
_TENANT: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_JTI: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")


class TokenRefused(ValueError):
    """A token that does not count. The message is a sentence for whoever showed it and holds nothing of the token."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What a token says once its signature held. `jti` is its own random name, `minted_by` who made it: a token that
    somebody made for another is no second person's word against their own."""

    caller: Caller
    jti: str
    issued_at: datetime
    ends_at: datetime
    minted_by: str


def mint(
    key: bytes,
    caller: Caller,
    *,
    jti: str,
    now: datetime,
    ends_at: datetime,
    minted_by: str,
    audience: Audience = "qmap",
) -> str:
    """Return a signed token. `now` and `ends_at` are kept to the second; `minted_by` is who makes it.

    Raises ValueError for a life that is empty or above MAX_LIFE, or a subject or tenant that no token may carry.
    """
    issued, ends = int(now.timestamp()), int(ends_at.timestamp())
    if not 0 < ends - issued <= MAX_LIFE.total_seconds():
        raise ValueError(f"a token lives for up to {MAX_LIFE.total_seconds() / 3600:.0f} hours")
    if _TENANT.fullmatch(caller.tenant) is None:
        raise ValueError("a tenant's name is lower case letters, digits and single hyphens")
    if not (is_subject(caller.subject) and is_subject(minted_by)):
        raise ValueError(f"a subject is 1 to {SUBJECT_CHARACTERS} visible characters, without spaces at its ends")
    claims: dict[str, Any] = {
        "aud": audience,
        "tenant": caller.tenant,
        "role": caller.role,
        "sub": caller.subject,
        "iat": issued,
        "exp": ends,
        "jti": jti,
        "by": minted_by,
    }
    return jwt.encode(claims, key, algorithm=_ALGORITHM)


def verify(key: bytes, token: str, *, now: datetime, audience: Audience = "qmap") -> Passed:
    """Return what a token says. Raises TokenRefused: not ours, for something else, not yet or no longer valid."""
    if len(token) > _MAX_CHARACTERS:
        raise TokenRefused("this is not a token of this installation")
    try:
        # The times are checked below, against the caller's clock.
        claims = jwt.decode(
            token,
            key,
            algorithms=[_ALGORITHM],
            audience=audience,
            options={"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": sorted(_CLAIMS)},
        )
    except (jwt.PyJWTError, ValueError) as error:
        raise TokenRefused("this is not a token of this installation") from error
    passed = _read(claims)
    if passed is None:
        raise TokenRefused("this token was signed here, but it does not say what a token has to say")
    if passed.issued_at > now:
        raise TokenRefused("this token counts from a later time than now; the clocks of two machines differ")
    if passed.ends_at <= now:
        raise TokenRefused(f"this token ended at {passed.ends_at:%Y-%m-%d %H:%M} UTC; ask for a new one")
    return passed


def is_subject(subject: str) -> bool:
    """Say whether a text can stand for a person: short, nothing invisible in it, no space at its ends."""
    return (
        0 < len(subject) <= SUBJECT_CHARACTERS
        and subject == subject.strip()
        and all(each == " " or unicodedata.category(each)[0] not in "CZ" for each in subject)
    )


def derived(key: bytes, purpose: str, *parts: str) -> str:
    """Return a keyed hash in hex over a purpose and parts, such as a form's token for one session."""
    whole = "\x00".join((purpose, *parts)).encode()
    return hmac.new(key, whole, hashlib.sha256).hexdigest()


def _read(claims: Mapping[str, object]) -> Passed | None:
    match claims:
        case {"tenant": str(tenant), "role": str(role), "sub": str(subject), "jti": str(jti), "by": str(by)}:
            pass
        case _:
            return None
    issued, ends = claims["iat"], claims["exp"]
    known = _known_role(role)
    if type(issued) is not int or type(ends) is not int or known is None or set(claims) != _CLAIMS:
        return None
    if not 0 < ends - issued <= MAX_LIFE.total_seconds() or not 0 < issued < 2**33:
        return None
    if (
        _TENANT.fullmatch(tenant) is None
        or not is_subject(subject)
        or not is_subject(by)
        or _JTI.fullmatch(jti) is None
    ):
        return None
    issued_at, ends_at = datetime.fromtimestamp(issued, UTC), datetime.fromtimestamp(ends, UTC)
    return Passed(Caller(tenant, known, subject), jti, issued_at, ends_at, by)


def _known_role(name: str) -> Role | None:
    return next((each for each in ROLES if each == name), None)
