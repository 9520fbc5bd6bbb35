"""One HTTP exchange as plain values: what a double is asked and what it answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Literal, Protocol

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Twist:
    """What a batch write is made to suffer: `items` fail some inputs, `unaccounted` leaves one input unmentioned."""

    kind: Literal["none", "items", "unaccounted"] = "none"
    seed: int = 0

    def chance(self) -> Random:
        return Random(self.seed)  # noqa: S311 - a reproducible schedule, not a secret


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came. Header names are lower case; `path` is decoded and has no query; `at` is aware UTC."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    twist: Twist = field(default_factory=Twist)

    def first(self, name: str) -> str | None:
        """Return the first value of a query parameter, None where it is absent."""
        return next((value for key, value in self.query if key == name), None)

    def every(self, name: str) -> list[str]:
        """Return all values of a query parameter; a comma inside one separates values, as the vendors read it."""
        return [part for key, value in self.query if key == name for part in value.split(",") if part]

    def bearer(self) -> str | None:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    def is_json(self) -> bool:
        return self.headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` is sent as JSON; None sends no body."""

    status: int
    body: JsonObject | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def payload(self) -> bytes:
        return b"" if self.body is None else json.dumps(self.body, ensure_ascii=False).encode()


class Double(Protocol):
    """A destination: answers calls and counts what its vendor's contract forbids."""

    name: str

    def answer(self, call: Call) -> Reply: ...

    def is_batch_write(self, call: Call, /) -> bool: ...

    def is_plain_create(self, call: Call, /) -> bool:
        """Whether the call creates something and could not be repeated safely."""
        ...

    def throttled(self, wait_s: int, *, daily: bool) -> Reply: ...

    def broken(self, status: int) -> Reply: ...


def instant(at: datetime) -> str:
    """Write an instant as the vendors do (`2026-01-31T08:00:00.000Z`)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
