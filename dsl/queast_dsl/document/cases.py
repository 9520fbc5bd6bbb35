"""Tests of a mapping as their file says them. What is free to be anything is kept as JSON, with `Bare` for text without
quotes: its place decides which type it is of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from queast_dsl.source import Located, SourceFile, Span

_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}", re.ASCII)
_WORDS: Final[Mapping[str, Any]] = {"": None, "~": None, "null": None, "true": True, "false": False}


class Bare(str):
    """A scalar written without quotes."""

    __slots__ = ()


def as_json(value: Any) -> Any:
    """Return a value with bare text read as it looks: `12` a number, `true` a truth, `null` nothing, else text."""
    match value:
        case Bare():
            if value in _WORDS:
                return _WORDS[value]
            if _INTEGER.fullmatch(value):
                return int(value)
            return float(value) if _NUMBER.fullmatch(value) else str(value)
        case dict():
            return {name: as_json(each) for name, each in value.items()}
        case list():
            return [as_json(each) for each in value]
        case _:
            return value


@dataclass(frozen=True, slots=True)
class Member:
    """A key that the writer chose, and its value as JSON."""

    name: Located[str]
    value: Any
    span: Span


Members = tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class GivenEvent:
    """`event` is `company.updated`; `entities` are those bodies that were given, by entity."""

    event: Located[str]
    entities: Mapping[str, Members]


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the destination. `object` is None where it was left out."""

    object: Located[str] | None
    id: Located[str]
    values: Members


@dataclass(frozen=True, slots=True)
class Link:
    object: Located[str] | None
    id: Located[str]
    ours: Located[str]
    inferred: bool


@dataclass(frozen=True, slots=True)
class Given:
    now: Located[str] | None
    events: tuple[GivenEvent, ...]
    highlight: Members | None
    crm: tuple[Record, ...]
    links: tuple[Link, ...]
    companies: tuple[Members, ...]
    bookmarked: tuple[Located[str], ...]
    suppressed: tuple[Located[str], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Said:
    """A value that may be null: `value` is None for null."""

    value: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class MatchExpected:
    """None where nothing is said; `record` may say that there is none."""

    route: Located[str] | None
    record: Said | None
    by: Located[str] | None
    outcome: Located[str] | None


@dataclass(frozen=True, slots=True)
class WriteExpected:
    object: Located[str] | None
    id: Said | None
    route: Located[str] | None
    fields: Members
    span: Span


@dataclass(frozen=True, slots=True)
class SendExpected:
    route: Located[str] | None
    body: Members
    span: Span


@dataclass(frozen=True, slots=True)
class BookmarkExpected:
    """`is_none`: there must be no bookmark at all."""

    is_none: bool
    company: Located[str] | None = None
    owner: Located[str] | None = None
    note: Located[str] | None = None


@dataclass(frozen=True, slots=True)
class Expect:
    """`writes` and `sends` are None where they are not looked at. `span` is that of the whole block."""

    exact: bool
    match: MatchExpected | None
    writes: tuple[WriteExpected, ...] | None
    sends: tuple[SendExpected, ...] | None
    refused: Located[str] | None
    routes: tuple[tuple[Located[str], Located[str]], ...]
    bookmark: BookmarkExpected | None
    never: tuple[Located[str], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Case:
    name: Located[str]
    given: Given
    expect: Expect


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One file of tests, of one mapping."""

    source: SourceFile
    mapping: Located[str]
    tests: tuple[Case, ...]
