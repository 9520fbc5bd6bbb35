"""A mapping as it takes effect: its base merged in, every default written out, each line with where it is from.

    fields:                                    fields:
      city: company.city        ->               city:
                                                   from: company.city      mappings/acme/main.yaml:12
                                                   write: always           base/hubspot.v1.yaml:14
                                                   on_null: skip           default

The lines are YAML of a mapping that stands on its own and means the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.document.mapping import DEFAULT_WRITE
from queast_dsl.loading.compose import compose
from queast_dsl.loading.nodes import Entry, MapNode, ScalarNode, SeqNode, Step
from queast_dsl.loading.places import VALUE_FORMS
from queast_dsl.loading.sound import mapping, scalar
from queast_dsl.loading.tree import read_tree
from queast_dsl.loading.written import key_text, value_lines
from queast_dsl.source import SourceFile, Span

Action = Literal["upsert", "create", "send"]
_ORDER: Final = (
    *(
        "version",
        "description",
        "connection",
        "mode",
        "scope",
        "limits",
        "routes",
        "receive",
        "templates",
        "tables",
        "pii",
    ),
)
_ROUTE_ORDER: Final = ("entity", "events", "to", "when", "attach_to", "headers", "fields", "body", "afterwards")
_RECEIVE_ORDER: Final = ("when", "entity", "on_none", "then")
_ENDS: Final = {"signal": ("cooled_off", "suppressed", "deleted", "out_of_scope")}
_ENDS_OF_OTHERS: Final = ("deleted", "out_of_scope")


@dataclass(frozen=True, slots=True)
class Line:
    """`depth` counts levels of keys. `below` are the further lines of a text, indented. `span` is where it is said,
    None for a default. `path` is the dotted path; `value` the text behind the key, None where keys follow."""

    depth: int
    path: tuple[Step, ...]
    key: str
    value: str | None
    below: tuple[str, ...]
    span: Span | None

    @property
    def text(self) -> str:
        """The first line as it stands in the file."""
        head = f"{'  ' * self.depth}{self.key}:"
        return head if self.value is None else f"{head} {self.value}"


def merged_tree(source: SourceFile) -> MapNode:
    """Return the tree of a sound mapping with its base merged in. ValueError where it is not sound."""
    diagnostics = Diagnostics()
    root = read_tree(source, diagnostics)
    composed = compose(root, diagnostics) if isinstance(root, MapNode) else None
    if composed is None:
        raise ValueError(f"{source.path} is no mapping that could be read before")
    return composed.root


def effective_lines(root: MapNode, actions: Mapping[str, Action]) -> tuple[Line, ...]:
    """Return the lines of a merged tree. `actions` says by route what it does at the destination."""
    return tuple(_document(root, actions))


def _document(root: MapNode, actions: Mapping[str, Action]) -> Iterator[Line]:
    for key in _ORDER:
        entry = root.entry(key)
        match key:
            case "mode" if entry is None:
                yield _default(0, (), "mode", "live")
            case "scope":
                yield from _scope(entry)
            case "routes" if entry is not None:
                yield _parent(0, (key,), entry)
                for route in mapping(entry.value).entries:
                    yield from _route(route, actions[route.key.value])
            case "receive" if entry is not None:
                yield _parent(0, (key,), entry)
                for rule in mapping(entry.value).entries:
                    yield from _receive(rule)
            case _ if entry is not None:
                yield from _entry(0, (), entry)
            case _:
                pass


def _scope(entry: Entry | None) -> Iterator[Line]:
    given = mapping(entry.value) if entry is not None else None
    yield Line(0, ("scope",), "scope", None, (), entry.key.span if entry is not None else None)
    for key, default in (("companies", "all"), ("signals", "strict")):
        own = given.entry(key) if given is not None else None
        if own is None:
            yield _default(1, ("scope",), key, default)
        else:
            yield from _entry(1, ("scope",), own)
    where = given.entry("where") if given is not None else None
    if where is not None:
        yield from _entry(1, ("scope",), where)


def _route(entry: Entry, action: Action) -> Iterator[Line]:
    path: tuple[Step, ...] = ("routes", entry.key.value)
    route = mapping(entry.value)
    yield _parent(1, path, entry)
    for key in _ROUTE_ORDER:
        own = route.entry(key)
        if key == "afterwards":
            yield from _afterwards(path, own, route, action)
        elif own is None:
            continue
        elif key == "fields":
            yield _parent(2, (*path, key), own)
            for field in mapping(own.value).entries:
                yield from _field((*path, key, field.key.value), field, route.entry("write"), action)
        else:
            yield from _entry(2, path, own)


def _receive(entry: Entry) -> Iterator[Line]:
    path: tuple[Step, ...] = ("receive", entry.key.value)
    rule = mapping(entry.value)
    yield _parent(1, path, entry)
    for key in _RECEIVE_ORDER:
        own = rule.entry(key)
        if own is not None:
            yield from _entry(2, path, own)
        elif key == "on_none":
            yield _default(2, path, key, "review")


def _field(path: tuple[Step, ...], entry: Entry, route_write: Entry | None, action: Action) -> Iterator[Line]:
    yield _parent(3, path, entry)
    given = entry.value.entries if isinstance(entry.value, MapNode) else ()
    if isinstance(entry.value, ScalarNode):
        yield _scalar(4, (*path, "from"), "from", entry.value)
    for own in given:
        if own.key.value in VALUE_FORMS:
            yield _scalar(4, (*path, own.key.value), own.key.value, scalar(own.value))
    by_key = {own.key.value: own for own in given}
    write = by_key.get("write") or route_write
    if write is not None:
        yield _scalar(4, (*path, "write"), "write", scalar(write.value))
    elif action == "upsert":
        yield _default(4, path, "write", DEFAULT_WRITE)
    if "on_null" in by_key:
        yield _scalar(4, (*path, "on_null"), "on_null", scalar(by_key["on_null"].value))
    elif action != "send":
        yield _default(4, path, "on_null", "skip")


def _afterwards(path: tuple[Step, ...], entry: Entry | None, route: MapNode, action: Action) -> Iterator[Line]:
    """A message that was sent cannot be taken back, so what follows it has no default."""
    path = (*path, "afterwards")
    given = mapping(entry.value) if entry is not None else None
    entity = scalar(route.get("entity")).value
    known = _ENDS.get(entity, _ENDS_OF_OTHERS) if action != "send" else ()
    if entry is None and not known:
        return
    yield Line(2, path, "afterwards", None, (), entry.key.span if entry is not None else None)
    own = {} if given is None else {each.key.value: each for each in given.entries}
    for key in dict.fromkeys((*known, *own)):
        if key in own:
            yield from _entry(3, path, own[key])
        else:
            yield _default(3, path, key, "keep")


def _entry(depth: int, path: tuple[Step, ...], entry: Entry) -> Iterator[Line]:
    path = (*path, entry.key.value)
    match entry.value:
        case ScalarNode() as node:
            yield _scalar(depth, path, key_text(entry.key), node)
        case SeqNode(items=items):
            written = ", ".join(value_lines(scalar(item), 0)[0] for item in items)
            yield Line(depth, path, key_text(entry.key), f"[{written}]", (), entry.value.span)
        case MapNode(entries=()):
            yield Line(depth, path, key_text(entry.key), "{}", (), entry.key.span)
        case MapNode(entries=entries):
            yield _parent(depth, path, entry)
            for each in entries:
                yield from _entry(depth + 1, path, each)


def _parent(depth: int, path: tuple[Step, ...], entry: Entry) -> Line:
    return Line(depth, path, key_text(entry.key), None, (), entry.key.span)


def _scalar(depth: int, path: tuple[Step, ...], key: str, node: ScalarNode) -> Line:
    first, *below = value_lines(node, 2 * depth + 2)
    return Line(depth, path, key, first, tuple(below), node.span)


def _default(depth: int, path: tuple[Step, ...], key: str, value: str) -> Line:
    return Line(depth, (*path, key), key, value, (), None)
