"""A checked tree of a file of tests to a `CaseFile`."""

from __future__ import annotations

from typing import Any, Final

from queast_dsl.document.cases import (
    Bare,
    BookmarkExpected,
    Case,
    CaseFile,
    Expect,
    Given,
    GivenEvent,
    Link,
    MatchExpected,
    Member,
    Members,
    Record,
    Said,
    SendExpected,
    WriteExpected,
)
from queast_dsl.loading.nodes import Entry, MapNode, Node, ScalarNode, SeqNode, Style
from queast_dsl.loading.plain import is_null
from queast_dsl.loading.sound import entries, listed, located, mapping, optional, scalar
from queast_dsl.source import Span

ENTITIES: Final = ("company", "person", "signal", "job_ad")


def build_cases(root: MapNode) -> CaseFile:
    """Return the tests of a file whose structure is sound."""
    return CaseFile(root.span.file, located(root, "mapping"), tuple(_case(each) for each in _maps(root, "tests")))


def _case(node: MapNode) -> Case:
    return Case(located(node, "name"), _given(mapping(node.get("given"))), _expect(mapping(node.get("expect"))))


def _given(node: MapNode) -> Given:
    told = [_event(each) for each in _maps(node, "events")]
    if node.get("event") is not None:
        told.insert(0, _event(node))
    highlight = node.get("highlight")
    return Given(
        now=optional(node, "now"),
        events=tuple(told),
        highlight=None if highlight is None else _members(mapping(highlight).entries),
        crm=tuple(_record(each) for each in _maps(node, "crm")),
        links=tuple(_link(each) for each in _maps(node, "links")),
        companies=tuple(_members(each.entries) for each in _maps(node, "companies")),
        bookmarked=listed(node, "bookmarked"),
        suppressed=listed(node, "suppressed"),
        span=node.entries[0].key.span if node.entries else node.span,
    )


def _event(node: MapNode) -> GivenEvent:
    bodies = {name: _members(mapping(body).entries) for name in ENTITIES if (body := node.get(name)) is not None}
    return GivenEvent(located(node, "event"), bodies)


def _record(node: MapNode) -> Record:
    values = tuple(entry for entry in node.entries if entry.key.value not in ("object", "id"))
    return Record(optional(node, "object"), located(node, "id"), _members(values))


def _link(node: MapNode) -> Link:
    return Link(optional(node, "object"), located(node, "id"), located(node, "ours"), _truth(node, "inferred"))


def _expect(node: MapNode) -> Expect:
    match, bookmark = node.get("match"), node.get("bookmark")
    return Expect(
        exact=_truth(node, "exact"),
        match=None if match is None else _match(mapping(match)),
        writes=None if node.get("writes") is None else tuple(_write(each) for each in _maps(node, "writes")),
        sends=None if node.get("sends") is None else tuple(_send(each) for each in _maps(node, "sends")),
        refused=optional(node, "refused"),
        routes=tuple((entry.key.located, scalar(entry.value).located) for entry in entries(node, "routes")),
        bookmark=None if bookmark is None else _bookmark(bookmark),
        never=listed(node, "never"),
        span=node.span,
    )


def _match(node: MapNode) -> MatchExpected:
    return MatchExpected(
        optional(node, "route"), _said(node, "record"), optional(node, "by"), optional(node, "outcome")
    )


def _write(node: MapNode) -> WriteExpected:
    fields = _members(entries(node, "fields"))
    return WriteExpected(optional(node, "object"), _said(node, "id"), optional(node, "route"), fields, _start(node))


def _send(node: MapNode) -> SendExpected:
    return SendExpected(optional(node, "route"), _members(entries(node, "body")), _start(node))


def _bookmark(node: Node) -> BookmarkExpected:
    if not isinstance(node, MapNode):
        return BookmarkExpected(is_none=True)
    return BookmarkExpected(False, optional(node, "company"), optional(node, "owner"), optional(node, "note"))


def _maps(parent: MapNode, key: str) -> tuple[MapNode, ...]:
    node = parent.get(key)
    return tuple(mapping(item) for item in node.items) if isinstance(node, SeqNode) else ()


def _members(found: tuple[Entry, ...]) -> Members:
    return tuple(Member(entry.key.located, _value(entry.value), entry.value.span) for entry in found)


def _value(node: Node) -> Any:
    match node:
        case MapNode():
            return {entry.key.value: _value(entry.value) for entry in node.entries}
        case SeqNode():
            return [_value(item) for item in node.items]
        case ScalarNode():
            return Bare(node.value) if node.style is Style.PLAIN else node.value


def _said(parent: MapNode, key: str) -> Said | None:
    node = parent.get(key)
    if node is None:
        return None
    value = scalar(node)
    nothing = value.style is Style.PLAIN and value.value in ("", "~", "null")
    return Said(None if nothing else value.value, value.span)


def _truth(parent: MapNode, key: str) -> bool:
    node = parent.get(key)
    return node is not None and not is_null(scalar(node).value) and scalar(node).value == "true"


def _start(node: MapNode) -> Span:
    return node.entries[0].key.span if node.entries else node.span
