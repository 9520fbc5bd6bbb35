"""What the check at send takes a text to say where letters are escaped or written in another code.

It shares nothing with what replaces names at admission (`escapes.py`): a text is rewritten as a whole, without places.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

import idna

# Until nothing changes: each round undoes one more escaping of another kind.
_ROUNDS: Final = 8
_NESTED: Final = re.compile("%(?:25)+(?=[0-9A-Fa-f]{2})")
_TAG: Final = re.compile(r"<[^<>]*>")
_BREAK: Final = re.compile(r"(?i)<wbr\b[^<>]*>")
_UNICODE: Final = re.compile(r"\\(?:u\{?([0-9A-Fa-f]{4})\}?|x([0-9A-Fa-f]{2}))")
_QUOTED: Final = re.compile(r"(?:=[89A-Fa-f][0-9A-Fa-f])+")
_LABEL: Final = re.compile(r"(?i)\bxn--[a-z0-9-]+")
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]{2,}")
_OTHER_CODE: Final = re.compile(rf"(?i)\\[ux]|=\r?\n|xn--|{_QUOTED.pattern}|[\u00c2-\u00f4][^\x00-\x7f]")


def readings(text: str) -> tuple[str, ...]:
    """Links are percent-encoded, tags hold values inside, signs are escaped, several times over: every reading."""
    found = tuple(dict.fromkeys(_of_marks(text)))
    if not any(_OTHER_CODE.search(each) for each in found):
        return found
    return tuple(dict.fromkeys((*found, *(_decoded(each) for each in found))))


def spoken(text: str) -> tuple[str, ...]:
    """Return what a mention may say: what is left of it once all is undone, without its tags."""
    said = _unescaped(text)
    bare = (_TAG.sub(" ", _BREAK.sub("", said)), _TAG.sub("", said))
    return tuple(dict.fromkeys((*bare, *(_decoded(each) for each in bare))))


def _of_marks(text: str) -> Iterator[str]:
    if text.isascii() and "&" not in text and "%" not in text and "<" not in text:
        yield text
        return
    said = _unescaped(text)
    yield html.unescape(_TAG.sub(" ", text))
    yield html.unescape(text)
    yield said
    yield _TAG.sub(" ", said)
    yield _TAG.sub("", said)


def _unescaped(text: str) -> str:
    for _ in range(_ROUNDS):
        before, text = text, unquote(_NESTED.sub("%", html.unescape(text)))
        if text == before:
            break
    return text


def _decoded(text: str) -> str:
    for _ in range(_ROUNDS):
        before = text
        text = _UNICODE.sub(lambda found: _sign(int(found[1] or found[2], 16)), text)
        text = _QUOTED.sub(_of_quoted, re.sub("=\r?\n", "", text))
        text = _LABEL.sub(_of_label, _FOREIGN.sub(_of_misread, text))
        if text == before:
            break
        text = _unescaped(text)
    return text


def _sign(code: int) -> str:
    return "" if 0xD800 <= code < 0xE000 else chr(code)


def _of_quoted(found: re.Match[str]) -> str:
    """`=C3=98`  ->  `Ø`"""
    return _in_utf8(bytes.fromhex(found[0].replace("=", "")), found[0])


def _of_misread(found: re.Match[str]) -> str:
    """`Ã˜`, which is UTF-8 that was read as Windows' code or as Latin-1  ->  `Ø`"""
    try:
        given = b"".join(sign.encode("latin-1" if sign < "\u0100" else "cp1252") for sign in found[0])
    except UnicodeEncodeError:
        return found[0]
    return _in_utf8(given, found[0])


def _in_utf8(given: bytes, otherwise: str) -> str:
    try:
        return given.decode("utf-8")
    except UnicodeDecodeError:
        return otherwise


def _of_label(found: re.Match[str]) -> str:
    try:
        return idna.decode(found[0].lower())
    except UnicodeError:
        return found[0]
