"""Where a credential belongs by the name of its place: what stands there is never shown, whatever it looks like.

    auth: {signing_secret: plainword}      ->  auth: {signing_secret: xxxxxxxxx}
    X-Api-Key: {const: abc}                ->  X-Api-Key: {const: xxx}

This reads the text and not the tree, as a file that cannot be parsed is quoted in findings too. References to secrets
are names, and stay.
"""

from __future__ import annotations

import re

from queast_dsl.document.credentials import CREDENTIAL_HEADERS, CREDENTIAL_NAMES

# `signing_secret`, `api_token`, `X-Api-Key`; neither `token_count` nor `secretary`.
_NAMED = re.compile(
    rf"(?im)(?:^|[\s{{,])(?P<quote>[\"']?)(?:(?:[\w-]*[_-])?(?:{CREDENTIAL_NAMES}|auth[_-]key)s?|{CREDENTIAL_HEADERS})(?P=quote)"
    r"[ \t]*:(?P<value>(?:[ \t]+[^\n]+)?)"
)
# `auth:` and all that is indented below it.
_AUTH = re.compile(r"(?m)^(?P<indent>[ \t]*)auth[ \t]*:(?P<value>[^\n]*(?:\n(?P=indent)[ \t]+[^\n]*)*)")
_AUTH_INLINE = re.compile(r"[{,][ \t]*auth[ \t]*:(?P<value>[^\n]*)")
_KEY = re.compile(r"(?m)(?:^[ \t-]*|[{,][ \t]*)[\"']?(?P<key>[\w.-]+)[\"']?[ \t]*:(?=\s|\Z)")
_PART = re.compile(r"[^\s{}\[\],\"']+")


def hidden_ranges(text: str) -> tuple[tuple[int, int], ...]:
    """Return the ranges of characters that stand where a credential belongs and are no reference, in order."""
    found: set[tuple[int, int]] = set()
    for pattern in (_NAMED, _AUTH, _AUTH_INLINE):
        for match in pattern.finditer(text):
            found.update(_parts(text, match.start("value"), match.end("value")))
    return tuple(sorted(found))


def _parts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return each word that is neither a key nor a reference; the forms `const:` and `from:` are keys."""
    keys = {key.start("key") for key in _KEY.finditer(text, start, end)}
    return [
        part.span()
        for part in _PART.finditer(text, start, end)
        if part.start() not in keys and not part.group().startswith(("secret://", "#"))
    ]
