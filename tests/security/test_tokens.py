"""Tokens: what passes, and that nothing else does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queast_runtime.security.roles import ROLES, Caller, Role
from queast_runtime.security.tokens import Passed, TokenRefused, derived, is_subject, mint, verify

KEY = bytes(range(32))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANA = Caller("acme", "reviewer", "Ana Berg")
JTI = "abcdefghijklmnopqrstuvwx"
CLAIMS: dict[str, Any] = {
    "aud": "qmap",
    "tenant": "acme",
    "role": "reviewer",
    "sub": "Ana Berg",
    "iat": int(NOON.timestamp()),
    "exp": int(NOON.timestamp()) + 3600,
    "jti": JTI,
    "by": "cli:olga",
}


def signed(key: bytes = KEY, **changes: Any) -> str:
    return jwt.encode(
        {name: value for name, value in {**CLAIMS, **changes}.items() if value is not ...}, key, algorithm="HS256"
    )


def unsigned(header: dict[str, Any], claims: dict[str, Any] = CLAIMS, signature: str = "") -> str:
    parts = (json.dumps(part).encode() for part in (header, claims))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + f".{signature}"


def with_hash(algorithm: str, digest: Any) -> str:
    """A token whose signature our key made by another hash."""
    head = unsigned({"alg": algorithm, "typ": "JWT"}).rpartition(".")[0]
    made = hmac.new(KEY, head.encode(), digest).digest()
    return f"{head}.{base64.urlsafe_b64encode(made).decode().rstrip('=')}"


@pytest.mark.parametrize("role", ROLES)
def test_what_was_minted_is_read(role: Role) -> None:
    caller = Caller("acme", role, "Ana Berg")
    token = mint(KEY, caller, jti=JTI, now=NOON, ends_at=NOON + timedelta(hours=24), minted_by="cli:olga")
    assert verify(KEY, token, now=NOON) == Passed(caller, JTI, NOON, NOON + timedelta(hours=24), "cli:olga")


def test_a_token_counts_up_to_its_last_second_and_no_leeway_after() -> None:
    token = mint(KEY, ANA, jti=JTI, now=NOON, ends_at=NOON + timedelta(hours=1), minted_by="cli:olga")
    assert verify(KEY, token, now=NOON + timedelta(seconds=3599.9)).caller == ANA
    with pytest.raises(TokenRefused, match="ended at 2026-03-01 13:00 UTC"):
        verify(KEY, token, now=NOON + timedelta(hours=1))
    with pytest.raises(TokenRefused, match="later time than now"):
        verify(KEY, token, now=NOON - timedelta(seconds=1))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "..",
        "a.b.c",
        "é" * 20,
        "\x00",
        "A" * 3_000,
        signed(key=bytes(32)),
        with_hash("HS384", hashlib.sha384),
        with_hash("HS512", hashlib.sha512),
        with_hash("HS256", hashlib.sha1),
        unsigned({"alg": "none", "typ": "JWT"}),
        unsigned({"alg": "None"}),
        unsigned({"alg": "HS256"}),
        unsigned({"alg": "HS256", "crit": ["exp"]}),
        unsigned({"typ": "JWT"}),
        signed(aud="qmap-session"),
        signed(aud="other"),
        signed(aud=...),
        signed().rsplit(".", 1)[0] + ".",
        signed()[:-2],
        signed() + ".x",
    ],
)
def test_what_was_not_signed_here_for_this_is_refused_in_one_sentence(token: str) -> None:
    """The algorithm is ours to say, never the token's."""
    with pytest.raises(TokenRefused) as refused:
        verify(KEY, token, now=NOON)
    assert str(refused.value) == "this is not a token of this installation"


@pytest.mark.parametrize(
    "changes",
    [
        {"tenant": ...},
        {"tenant": "Acme"},
        {"tenant": "../acme"},
        {"tenant": ["acme"]},
        {"role": "root"},
        {"role": "Reviewer"},
        {"role": ...},
        {"sub": ""},
        {"sub": "Ana\u202e"},
        {"sub": "A" * 81},
        {"jti": "short"},
        {"by": ...},
        {"by": ""},
        {"by": "Ola\u202e"},
        {"jti": "a b" * 10},
        {"exp": CLAIMS["iat"] + 24 * 3600 + 1},
        {"exp": CLAIMS["iat"]},
        {"exp": CLAIMS["exp"] + 0.5},
        {"iat": -1},
        {"nbf": CLAIMS["iat"] + 60},
        {"scope": "all"},
        {"iss": "qmap"},
    ],
)
def test_what_our_key_signed_but_no_token_says_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        verify(KEY, signed(**changes), now=NOON)


def test_no_changed_byte_passes() -> None:
    token = mint(KEY, ANA, jti=JTI, now=NOON, ends_at=NOON + timedelta(hours=1), minted_by="cli:olga")
    raw = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")]
    for part in range(3):
        for at in range(len(raw[part])):
            changed = bytearray(raw[part])
            changed[at] ^= 1
            parts = [*raw[:part], bytes(changed), *raw[part + 1 :]]
            other = ".".join(base64.urlsafe_b64encode(each).decode().rstrip("=") for each in parts)
            with pytest.raises(TokenRefused):
                verify(KEY, other, now=NOON)


@given(st.text(max_size=200))
def test_any_text_is_refused_and_never_raises_otherwise(text: str) -> None:
    with pytest.raises(TokenRefused):
        verify(KEY, text, now=NOON)


@pytest.mark.parametrize(
    ("caller", "hours", "says"),
    [
        (ANA, 24.1, "lives for up to 24 hours"),
        (ANA, 0, "lives for up to 24 hours"),
        (ANA, -1, "lives for up to 24 hours"),
        (Caller("Acme", "reviewer", "Ana"), 1, "a tenant's name"),
        (Caller("acme", "reviewer", "A\nna"), 1, "a subject is"),
    ],
)
def test_nothing_is_minted_that_would_not_be_read(caller: Caller, hours: float, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        mint(KEY, caller, jti=JTI, now=NOON, ends_at=NOON + timedelta(hours=hours), minted_by="cli:olga")


@pytest.mark.parametrize(
    ("subject", "fits"),
    [("Ana Berg", True), ("ana@acme.example", True), ("Åse Øye", True), ("李", True), ("", False), ("a\tb", False),
     ("a\u200bb", False), ("a\u00a0b", False), ("a\u2028b", False), ("\ud800", False), ("a ", False)],
)  # fmt: skip
def test_a_subject_is_what_can_be_read_aloud(subject: str, fits: bool) -> None:
    assert is_subject(subject) is fits


def test_derived_hashes_depend_on_key_purpose_and_every_part() -> None:
    made = {
        derived(KEY, "form", "a"),
        derived(bytes(32), "form", "a"),
        derived(KEY, "other", "a"),
        derived(KEY, "form", "b"),
        derived(KEY, "form", "a", "b"),
    }
    assert len(made) == 5
