"""The positioned tree that documents are built from. Scalars are text; what they mean is up to their place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from queast_dsl.source import Located, SourceText, Span


class Style(StrEnum):
    PLAIN = "plain"
    SINGLE = "single"
    DOUBLE = "double"
    LITERAL = "literal"
    FOLDED = "folded"


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """`text.span` covers the characters of the text, `span` also the quotes or the block's header."""

    text: SourceText
    style: Style
    span: Span

    @property
    def value(self) -> str:
        return self.text.text

    @property
    def located(self) -> Located[str]:
        return Located(self.text.text, self.span)

    @property
    def is_quoted(self) -> bool:
        return self.style in (Style.SINGLE, Style.DOUBLE)

    @property
    def is_null(self) -> bool:
        """Whether nothing was written (`key:` or `~`). The word `null` is text that a place may read as null."""
        return self.style is Style.PLAIN and self.value in ("", "~")


@dataclass(frozen=True, slots=True)
class Entry:
    key: ScalarNode
    value: Node


@dataclass(frozen=True, slots=True)
class MapNode:
    """Keys are unique. `is_flow` is true for `{…}`."""

    entries: tuple[Entry, ...]
    is_flow: bool
    span: Span

    def entry(self, key: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.key.value == key), None)

    def get(self, key: str) -> Node | None:
        entry = self.entry(key)
        return None if entry is None else entry.value

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(entry.key.value for entry in self.entries)


@dataclass(frozen=True, slots=True)
class SeqNode:
    """`is_flow` is true for `[…]`."""

    items: tuple[Node, ...]
    is_flow: bool
    span: Span


Node = MapNode | SeqNode | ScalarNode
Step = str | int


def at(root: Node, path: tuple[Step, ...]) -> Node | None:
    """Return the node at a path of keys and indexes, None where there is none."""
    node: Node | None = root
    for step in path:
        match node:
            case MapNode():
                node = node.get(str(step))
            case SeqNode() if isinstance(step, int) and step < len(node.items):
                node = node.items[step]
            case _:
                return None
    return node


def key_at(root: Node, path: tuple[Step, ...]) -> ScalarNode | None:
    """Return the key that leads to a path, None for the root and for items of a list."""
    parent = at(root, path[:-1]) if path else None
    if not isinstance(parent, MapNode):
        return None
    entry = parent.entry(str(path[-1]))
    return None if entry is None else entry.key


def walk(root: Node, path: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], Node]]:
    """Yield every node with its path, parents first."""
    yield path, root
    match root:
        case MapNode():
            for entry in root.entries:
                yield from walk(entry.value, (*path, entry.key.value))
        case SeqNode():
            for index, item in enumerate(root.items):
                yield from walk(item, (*path, index))
        case ScalarNode():
            pass
