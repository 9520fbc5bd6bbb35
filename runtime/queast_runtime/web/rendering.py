"""Templates, with escaping that nothing switches off, and how names, times and numbers are written on a page."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_FOLDER: Final = Path(__file__).with_name("templates")
ASSETS: Final = Path(__file__).with_name("assets")
_SHOWN: Final = 300


def render(template: str, values: Mapping[str, object]) -> str:
    """Return a page. Values are escaped wherever they stand; a value that a template names and nobody gave is a bug."""
    return _environment().get_template(template).render(values)


def shown(text: object, limit: int = _SHOWN) -> str:
    """Return text of unknown origin with everything invisible in it spelled out, cut to a length that can be read.

    `"a\\u202eb"  ->  "a⟨U+202E⟩b"`
    """
    given = str(text)
    cut = given if len(given) <= limit else given[: limit - 1] + "…"
    return "".join(
        f"⟨U+{ord(each):04X}⟩" if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else each
        for each in cut
    )


def sentence(text: str) -> str:
    """`"linked to h1"  ->  "Linked to h1."`"""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".") if text else text


def web_address(text: str | None) -> str | None:
    """Return an address that a link may lead to: https, or http on this machine (a sandbox). Others are no links."""
    if text is None or not text.startswith(("https://", "http://")) or any(each <= " " for each in text):
        return None
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme == "https" and host:
        return text
    return text if parts.scheme == "http" and host in ("127.0.0.1", "localhost", "::1") else None


def moment(at: datetime) -> str:
    """`27 Nov 2026, 14:03 UTC`"""
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def ago(at: datetime, now: datetime) -> str:
    """`just now`, `5 min`, `3 h`, `2 days`"""
    minutes = int((now - at).total_seconds()) // 60
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


def score(value: float | None) -> str:
    """Two decimals, never rounded up to a threshold that was not reached; a dash for none."""
    return "–" if value is None else f"{int(value * 100 + 1e-9) / 100:.2f}"


@lru_cache(maxsize=16)
def asset_address(name: str) -> str:
    """Return the address of a file with a piece of its digest, so that a browser never keeps an old one."""
    digest = hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]
    return f"/review/assets/{name}?v={digest}"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(shown=shown, sentence=sentence, web_address=web_address, moment=moment, score=score)
    environment.globals.update(ago=ago, asset=asset_address)
    return environment
