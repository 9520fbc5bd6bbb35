"""A test that is ready to be run: events whole, values typed, properties by the destination's own keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReadyRecord:
    object: str
    id: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReadyLink:
    object: str
    ours: str
    id: str
    inferred: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text that must be so, or nothing at all where `value` is None."""

    value: str | None


@dataclass(frozen=True, slots=True)
class ReadyMatch:
    route: str | None
    record: Wanted | None
    by: str | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class ReadyWrite:
    """`fields` by the destination's own keys; None is for one that is not written."""

    object: str | None
    id: Wanted | None
    route: str | None
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReadySend:
    route: str | None
    body: JsonObject


@dataclass(frozen=True, slots=True)
class ReadyBookmark:
    is_none: bool
    company: str | None
    owner: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class ReadyExpect:
    exact: bool
    match: ReadyMatch | None
    writes: tuple[ReadyWrite, ...] | None
    sends: tuple[ReadySend, ...] | None
    refused: str | None
    routes: tuple[tuple[str, str], ...]
    bookmark: ReadyBookmark | None
    never: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadyCase:
    """`events` are whole envelopes; `highlight` is a sender's body, where there is one. `names` are property keys with
    the name that the test wrote. `file` is as shown to people."""

    mapping: str
    name: str
    file: str
    line: int
    now: datetime
    events: tuple[JsonObject, ...]
    highlight: JsonObject | None
    records: tuple[ReadyRecord, ...]
    links: tuple[ReadyLink, ...]
    companies: tuple[JsonObject, ...]
    bookmarked: tuple[str, ...]
    suppressed: tuple[str, ...]
    expect: ReadyExpect
    names: Mapping[str, str]
