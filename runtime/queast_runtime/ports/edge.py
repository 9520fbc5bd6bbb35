"""Time, secrets, sealing and HTTP: what comes in at the edge, as protocols."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Clock(Protocol):
    """Time enters here. Tests pass a clock that they move."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        ...


class Secrets(Protocol):
    """Secrets of one tenant at a time; another tenant's are out of reach."""

    def resolve(self, tenant: str, name: str) -> str:
        """Return the secret's value. Raises SecretMissing (names the variable and file that were tried)."""
        ...


class SecretMissing(LookupError):
    """A secret that a connection needs is not set."""


class Sealer(Protocol):
    """Encrypts what is stored. `place` (table, row, column) is bound in: a sealed value opens only where it was put."""

    def seal(self, tenant: str, place: tuple[str, ...], plain: bytes) -> bytes: ...

    def open(self, tenant: str, place: tuple[str, ...], sealed: bytes) -> bytes:
        """Return the plaintext. Raises Unsealable for a wrong key, place, tenant or altered bytes."""
        ...


class Unsealable(ValueError):
    """A stored value does not open: altered, moved, or its key is gone."""


class Phase(StrEnum):
    """How far a request got. From SOME_SENT on the destination may have acted."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    NOTHING_SENT = "nothing_sent"
    SOME_SENT = "some_sent"
    HEADERS = "headers"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`url` is absolute. `headers` are final; the sender adds only Host, Content-Length and Accept-Encoding."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpOutcome:
    """`status` is None where no complete status line came; `error` then says what happened, `phase` how far it got.

    `body` holds at most the first 16 KiB (list pages: at most the operation's own bound). Header names are lower case.
    `forbidden` is true where the egress rules refused the destination: nothing was dialled.
    """

    status: int | None
    headers: Mapping[str, str]
    body: bytes
    phase: Phase
    error: str | None = None
    truncated: bool = False
    forbidden: bool = False


class Sender(Protocol):
    """The one HTTP door. Never raises for anything the network or the destination does."""

    async def send(self, request: HttpRequest, *, timeout_s: float, max_body: int = 16_384) -> HttpOutcome: ...

    async def close(self) -> None: ...
