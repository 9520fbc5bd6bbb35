"""The guard below the one HTTP door: which URLs may be dialled, and at which addresses.

A host is resolved once, every address it has is judged, and the judged address is the one dialled, so that a second
answer of a name server cannot lead elsewhere.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from queast_runtime.security.addresses import refusal

SANDBOX_VARIABLE = "QMAP_SANDBOX_ORIGINS"
Resolve = Callable[[str], Awaitable[tuple[str, ...]]]

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?", re.ASCII)
_TOP_LABEL = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
# What RFC 3986 allows, less the characters that parsers are known to disagree on in the authority.
_URL = re.compile(r"https://[A-Za-z0-9._:-]+(?:[/?][A-Za-z0-9._~:/?@!$&'()*+,;=%\[\]-]*)?", re.ASCII)
_SPECIAL_SUFFIXES = (
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "onion",
    "invalid",
    "arpa",
)


@dataclass(frozen=True, slots=True)
class Target:
    """A public HTTPS host; its addresses are judged when it is dialled."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Loopback:
    """A sandbox's double: plain HTTP on 127.0.0.1, with `host` as the Host header."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Forbidden:
    reason: str


class AddressForbidden(OSError):
    """A host has an address that may not be dialled."""


class SandboxOriginsInvalid(ValueError):
    """The operator's setting of sandbox origins cannot be read."""


def sandbox_origins(environ: Mapping[str, str] | None = None) -> dict[str, int]:
    """Return the sandbox's origins and loopback ports from `QMAP_SANDBOX_ORIGINS`; empty where it is not set.

    A process where this is not empty talks to these origins only and accepts only releases of the development key.
    Raises SandboxOriginsInvalid.
    """
    text = (os.environ if environ is None else environ).get(SANDBOX_VARIABLE, "").strip()
    origins: dict[str, int] = {}
    for pair in filter(None, (each.strip() for each in text.split(","))):
        origin, _, port = pair.rpartition("=")
        parts = urlsplit(origin)
        if parts.scheme != "https" or not parts.hostname or parts.path or not port.isascii() or not port.isdigit():
            raise SandboxOriginsInvalid(f"{SANDBOX_VARIABLE}: `{pair}` is not of the form https://host=port")
        if not 0 < int(port) < 65536:
            raise SandboxOriginsInvalid(f"{SANDBOX_VARIABLE}: {port} is not a port")
        origins[f"https://{parts.netloc.lower()}"] = int(port)
    if text and not origins:
        raise SandboxOriginsInvalid(f"{SANDBOX_VARIABLE}: names no origin")
    return origins


def judge(url: str, origins: Mapping[str, int]) -> Target | Loopback | Forbidden:
    """Say where a URL leads, before any name is resolved. `origins` are the sandbox's, empty in production."""
    if len(url) > 8192 or _URL.fullmatch(url) is None:
        return Forbidden("not a plain https URL")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return Forbidden("not a URL")
    host = (parts.hostname or "").lower()
    if origins:
        loopback = origins.get(f"https://{parts.netloc.lower()}")
        if loopback is None:
            return Forbidden(f"{host} is not an origin of the sandbox")
        return Loopback(parts.netloc.lower(), loopback)
    if port not in (None, 443) or parts.netloc.endswith(":"):
        return Forbidden("only port 443 is dialled")
    reason = _host_fault(host)
    return Target(host, 443) if reason is None else Forbidden(reason)


def _host_fault(host: str) -> str | None:
    labels = host.split(".")
    if len(labels) < 2 or len(host) > 253:
        return f"{host} is not a full host name"
    if not all(_LABEL.fullmatch(label) for label in labels[:-1]) or _TOP_LABEL.fullmatch(labels[-1]) is None:
        return f"{host} is an address or no host name"
    if labels[-1] in _SPECIAL_SUFFIXES:
        return f"{host} is a name of local networks"
    return None


def checked(host: str, addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Return the addresses if every one may be dialled. Raises AddressForbidden."""
    for address in addresses:
        reason = refusal(address)
        if reason is not None:
            raise AddressForbidden(f"{host} resolves to an address that may not be dialled: {reason}")
    return addresses


async def system_resolve(host: str) -> tuple[str, ...]:
    """Return the addresses that the system's resolver gives for a host. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, 443, type=socket.SOCK_STREAM, family=socket.AF_UNSPEC)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
