"""Recognise secrets that were pasted into a file, wherever they stand: values, keys, comments.

Known prefixes are refused everywhere. Unknown random text is refused by its look: long, no words, classes of
characters changing all the time. Forty hex digits are how Pipedrive names custom fields, so they pass as a key and in
lists of properties; digests pass after `sha256:`.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final


@dataclass(frozen=True, slots=True)
class LiteralSecret:
    """Characters `start` to `end` of the text. `kind` never holds any part of the secret."""

    kind: str
    start: int
    end: int


_PAIR: Final = "a name and password"
# What it is, a text that has to be there (looked for first, being cheap), how it looks.
_KNOWN: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("a HubSpot access token", "pat-", re.compile(r"\bpat-[a-z]{2,3}\d?-[0-9a-zA-Z-]{8,}")),
    ("a webhook signing secret", "whsec_", re.compile(r"\bwhsec_[A-Za-z0-9+/=_-]{8,}")),
    ("a webhook signing key", "whsk_", re.compile(r"\bwhsk_[A-Za-z0-9+/=_-]{8,}")),
    ("a secret key", "k_", re.compile(r"\b[sr]k_(?:(?:live|test|prod)_\w{12,}|(?=[a-zA-Z_]*\d)\w{16,})")),
    ("a secret key", "sk-", re.compile(r"\bsk-[A-Za-z0-9_-]{16,}")),
    ("a GitHub token", "gh", re.compile(r"\bgh[pousr]_[A-Za-z0-9]{16,}")),
    ("a GitHub token", "github_pat_", re.compile(r"\bgithub_pat_[A-Za-z0-9_]{16,}")),
    ("a GitLab token", "pat-", re.compile(r"\bglpat-[A-Za-z0-9_-]{16,}")),
    ("a Slack token", "xox", re.compile(r"\bxox[a-z]-[A-Za-z0-9-]{8,}")),
    ("an AWS access key", "AKIA", re.compile(r"\bAKIA[A-Z0-9]{16}\b")),
    ("an AWS access key", "ASIA", re.compile(r"\bASIA[A-Z0-9]{16}\b")),
    ("a Google API key", "AIza", re.compile(r"\bAIza[A-Za-z0-9_-]{30,}")),
    ("a Google OAuth token", "ya29.", re.compile(r"\bya29\.[A-Za-z0-9_-]{16,}")),
    ("a SendGrid key", "SG.", re.compile(r"\bSG\.[A-Za-z0-9_.-]{16,}")),
    ("a signed token", "eyJ", re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?")),
    ("a private key", "-----BEGIN ", re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----")),
    # As a value only: a description may speak of basic facts and of bearers.
    (
        "a bearer token",
        "Bearer",
        re.compile(r"(?<=[\"'\s])Bearer +(?=[^\s\"'{}]*\d)[A-Za-z0-9._~+/-]{8,}=*(?=[\s\"',}]|\Z)"),
    ),
    (
        _PAIR,
        "Basic",
        re.compile(r"(?<=[\"'\s])Basic +[A-Za-z0-9+/]{8,}={0,2}(?=[\s\"',}]|\Z)"),
    ),
    ("a password in a URL", "://", re.compile(r"(?<=://)[^\s/@:'\"{}]{1,64}:[^\s/@'\"{}]{1,128}(?=@)")),
)
# A reference names the secret; `{{ … }}` in a template is a value, which has its own checks.
_IN_QUERY = re.compile(
    r"(?i)[?&](?:(?:access|auth|api|client|refresh)[_-]?)?(?:token|key|apikey|api-key|secret|password|passwd|pwd|signature|sig)"
    r"=(?P<value>[^\s&#\"'{}<>]+)"
    # What opens a function of a cloud; a short one names a country or a kind.
    r"|[?&]code=(?P<code>[A-Za-z0-9_%+/-]{8,}={0,2})"
)
_WORD = re.compile(r"[A-Za-z0-9+/_=-]{24,}")
_HEX = re.compile(r"[0-9a-fA-F]+\Z")
_DIGEST_BEFORE = re.compile(r"(?:sha256|sha512)[:-]\Z")
_FIELD_KEY_BEFORE = re.compile(r"(?:(?:^|\n)[ \t]*-[ \t]+|\bto:[ \t]*\[[^\]\n]*)[\"']?\Z")
_KEY_AFTER = re.compile(r"[\"']?[ \t]*:")


def literal_secrets(text: str) -> tuple[LiteralSecret, ...]:
    """Return the places that look like secrets, in order, not overlapping."""
    found = [
        LiteralSecret(kind, m.start(), m.end())
        for kind, hint, pattern in _KNOWN
        if hint in text
        for m in pattern.finditer(text)
        if kind != _PAIR or _is_pair(m.group())
    ]
    if "://" in text:
        found.extend(
            LiteralSecret("a secret in a URL", m.start(m.lastgroup or 0), m.end(m.lastgroup or 0))
            for m in _IN_QUERY.finditer(text)
        )
    found.extend(
        LiteralSecret("a secret (long random text)", m.start(), m.end())
        for m in _WORD.finditer(text)
        if _looks_random(m.group()) and not _exempt(text, m)
    )
    found.sort(key=lambda secret: (secret.start, -secret.end))
    kept: list[LiteralSecret] = []
    for secret in found:
        if not kept or secret.start >= kept[-1].end:
            kept.append(secret)
    return tuple(kept)


def _is_pair(text: str) -> bool:
    """Say whether `Basic …` holds `name:password` and is no word of a sentence."""
    encoded = text.split()[1]
    try:
        return b":" in base64.b64decode(encoded + "=" * (-len(encoded) % 4))
    except ValueError:
        return False


def mask(text: str, secrets: tuple[LiteralSecret, ...]) -> str:
    """Return the text with every secret replaced by as many `x`."""
    parts: list[str] = []
    position = 0
    for secret in secrets:
        parts += (text[position : secret.start], "x" * (secret.end - secret.start))
        position = secret.end
    return "".join((*parts, text[position:]))


def _exempt(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 200) : match.start()]
    if _DIGEST_BEFORE.search(before):
        return True
    if len(match.group()) != 40 or not _HEX.match(match.group()):
        return False
    return bool(_FIELD_KEY_BEFORE.search(before) or _KEY_AFTER.match(text, match.end()))


def _looks_random(word: str) -> bool:
    digits = sum(char.isdigit() for char in word)
    if _HEX.match(word):
        return len(word) >= 32 and 4 <= digits <= len(word) - 4
    if digits < 3:
        return False
    classes = [_class_of(char) for char in word]
    changes = sum(a != b for a, b in pairwise(classes)) / len(word)
    has_upper, has_lower = "upper" in classes, "lower" in classes
    if has_upper and has_lower:
        return changes >= 0.42 and len(set(word)) >= 12
    return len(word) >= 28 and digits >= 6 and changes >= 0.3 and "other" not in classes


def _class_of(char: str) -> str:
    if char.isdigit():
        return "digit"
    if char.isupper():
        return "upper"
    return "lower" if char.islower() else "other"
