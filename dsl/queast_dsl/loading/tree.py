"""From a file's events to the positioned tree."""

from __future__ import annotations

from collections.abc import Iterator

from yaml import events as ev

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading.marks import end_of, start_of
from queast_dsl.loading.nodes import Entry, MapNode, Node, ScalarNode, SeqNode, Style
from queast_dsl.loading.scalars import place
from queast_dsl.loading.scan import scan
from queast_dsl.source import SourceFile, Span

_STYLES = {
    None: Style.PLAIN,
    "": Style.PLAIN,
    "'": Style.SINGLE,
    '"': Style.DOUBLE,
    "|": Style.LITERAL,
    ">": Style.FOLDED,
}


def read_tree(source: SourceFile, diagnostics: Diagnostics, begins: str = "version: 1") -> Node | None:
    """Return the tree of a YAML file, or None after reporting why there is none. Never raises for what is in a file.

    `begins` is what such a document begins with, said of one that is empty.
    """
    events = scan(source, diagnostics, begins)
    if events is None:
        return None
    nodes = (event for event in events if isinstance(event, ev.NodeEvent | ev.CollectionEndEvent))
    return _node(source, next(nodes), nodes)


# Recursion is bounded by the scan's limit on depth.
def _node(source: SourceFile, event: ev.Event, rest: Iterator[ev.Event]) -> Node:
    match event:
        case ev.MappingStartEvent():
            return _map(source, event, rest)
        case ev.SequenceStartEvent():
            return _seq(source, event, rest)
        case ev.ScalarEvent():
            return _scalar(source, event)
        case _:
            raise AssertionError(f"the scan let {event!r} through")


def _map(source: SourceFile, start: ev.MappingStartEvent, rest: Iterator[ev.Event]) -> MapNode:
    entries: list[Entry] = []
    for event in rest:
        if isinstance(event, ev.MappingEndEvent):
            is_flow = bool(start.flow_style)
            end = end_of(event) if is_flow or not entries else entries[-1].value.span.end
            return MapNode(tuple(entries), is_flow, Span(source, start_of(start), end))
        if not isinstance(event, ev.ScalarEvent):
            raise AssertionError(f"the scan let {event!r} through as a key")
        entries.append(Entry(_scalar(source, event), _node(source, next(rest), rest)))
    raise AssertionError("a mapping has no end")


def _seq(source: SourceFile, start: ev.SequenceStartEvent, rest: Iterator[ev.Event]) -> SeqNode:
    items: list[Node] = []
    for event in rest:
        if isinstance(event, ev.SequenceEndEvent):
            is_flow = bool(start.flow_style)
            end = end_of(event) if is_flow or not items else items[-1].span.end
            return SeqNode(tuple(items), is_flow, Span(source, start_of(start), end))
        items.append(_node(source, event, rest))
    raise AssertionError("a list has no end")


def _scalar(source: SourceFile, event: ev.ScalarEvent) -> ScalarNode:
    style = _STYLES[event.style]
    text, span = place(source, event.value, style, start_of(event), end_of(event))
    return ScalarNode(text, style, span)
