"""Whether a tenant's webhook address can be used at all; addresses behind names are judged when they are dialled."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_NUMERIC = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.ASCII)


def address_fault(url: str) -> str | None:
    """Return what is wrong with a URL as the rest of a sentence about it, None where nothing is.

    "http://a.example"  ->  "is not https"
    """
    if not url.isascii() or any(char <= " " or char in '\\"<>^`{|}' for char in url):
        return "has characters that a URL cannot hold"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is not a URL"
    if parts.scheme != "https" or not url.lower().startswith("https://"):
        return "is not https"
    if "@" in parts.netloc:
        return "holds a user name"
    if parts.fragment or url.endswith("#"):
        return "holds a fragment"
    if port not in (None, 443):
        return f"names port {port}, only 443 is dialled"
    host = parts.hostname or ""
    labels = host.split(".")
    if host.startswith("[") or ":" in host or _NUMERIC.fullmatch(labels[-1]):
        return "names an address, not a host"
    if len(labels) < 2 or len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return "names no public host"
    return None
