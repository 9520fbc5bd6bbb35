"""Every word of a mapping that means something: where a typing mistake has to be an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.loading import read_tree
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, SeqNode, Step
from queast_dsl.loading.places import is_leaf
from queast_dsl.source import SourceFile

Path = tuple[Step, ...]


class Kind(StrEnum):
    """What a word is. The mistake in a DEFINITION shows where the name is used."""

    KEY = "key"
    PROPERTY = "property"
    NAME = "name"
    OPTION = "option"
    WORD = "word of an expression"
    TEMPLATE_WORD = "word of a template"
    DEFINITION = "definition"


@dataclass(frozen=True)
class Site:
    """A word from character `start` of the file."""

    kind: Kind
    word: str
    start: int
    line: int

    @property
    def end(self) -> int:
        return self.start + len(self.word)


_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:-[a-z0-9]+)*")
_EXPRESSION_WORD = re.compile(r"'[^']*'|\"[^\"]*\"|[A-Za-z_][A-Za-z0-9_]*")
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_NAMES = {"connection", "extends", "mode", "companies", "signals", "entity", "to", "write", "on_null", "render"}
_LISTS = {"events", "attach_to", "send"}
_EXPRESSIONS = {"when", "where", "from", "each"}
_PROSE = {"version", "description", "purpose", "basis"}


def sites(source: SourceFile, options: frozenset[str]) -> tuple[Site, ...]:
    """Return the meaningful words of a mapping in file order.

    `options` are the values that properties and Queast's enums list: such a word is checked wherever it stands.
    Names that the author chooses and nothing else refers to (routes without a base, keys of a body) are no sites.
    """
    diagnostics = Diagnostics()
    root = read_tree(source, diagnostics)
    assert root is not None, diagnostics.findings
    has_base = isinstance(root, MapNode) and root.get("extends") is not None
    found = sorted(_of_node(root, (), source, options, has_base=has_base), key=lambda site: site.start)
    return tuple(found)


def _of_node(node: Node, path: Path, source: SourceFile, options: frozenset[str], *, has_base: bool) -> Iterator[Site]:
    match node:
        case MapNode():
            for entry in node.entries:
                kind = _kind_of_key(path, node, has_base=has_base)
                if kind is not None and (kind is not Kind.KEY or entry.key.value != "version"):
                    yield from _words(kind, entry.key, source)
                yield from _of_node(entry.value, (*path, entry.key.value), source, options, has_base=has_base)
        case SeqNode():
            for n, item in enumerate(node.items):
                yield from _of_node(item, (*path, n), source, options, has_base=has_base)
        case ScalarNode():
            yield from _of_scalar(node, path, source, options)


def _kind_of_key(path: Path, node: MapNode, *, has_base: bool) -> Kind | None:
    match path:
        case ("routes",):
            return Kind.DEFINITION if has_base else None
        case ("templates",) | ("tables",):
            return Kind.DEFINITION
        case ("tables", _) | ("routes", _, "headers"):
            return None
        case ("routes", _, "fields"):
            return Kind.PROPERTY
        case ("routes", _, "body", *_):
            return Kind.KEY if "each" in node.keys or is_leaf(node) else None
        case _:
            return Kind.KEY


def _of_scalar(node: ScalarNode, path: Path, source: SourceFile, options: frozenset[str]) -> Iterator[Site]:
    name = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
    if path[:1] == ("templates",) or name == "template":
        yield from _template_words(node, source)
    elif path[:1] == ("tables",):
        if node.value in options:
            yield from _words(Kind.OPTION, node, source)
    elif name == "const":
        if node.value in options and "body" not in path:
            yield from _words(Kind.OPTION, node, source)
    elif name == "send":
        yield from _expression_words(source, node.text.span.start, node.text.span.end, options)
    elif (name in _NAMES and not (path[0] == "routes" and "body" in path and name != "render")) or name in _LISTS:
        yield from _words(Kind.NAME, node, source)
    elif name == "as":
        yield from _words(Kind.DEFINITION, node, source)
    elif name not in _PROSE:
        assert name in _EXPRESSIONS or path[0] == "routes", path
        yield from _expression_words(source, node.text.span.start, node.text.span.end, options)


def _words(kind: Kind, node: ScalarNode, source: SourceFile) -> Iterator[Site]:
    start, end = node.text.span.start, node.text.span.end
    for found in _WORD.finditer(source.text, start, end):
        yield Site(kind, found.group(), found.start(), _line(source, found.start()))


def _template_words(node: ScalarNode, source: SourceFile) -> Iterator[Site]:
    for tag in _TAG.finditer(source.text, node.span.start, node.span.end):
        before = ""
        for site in _expression_words(source, tag.start(), tag.end(), frozenset()):
            kind = Kind.DEFINITION if before == "for" else Kind.TEMPLATE_WORD
            yield Site(kind, site.word, site.start, site.line)
            before = site.word


def _expression_words(source: SourceFile, start: int, end: int, options: frozenset[str]) -> Iterator[Site]:
    for found in _EXPRESSION_WORD.finditer(source.text, start, end):
        word = found.group()
        if word[0] not in "'\"":
            yield Site(Kind.WORD, word, found.start(), _line(source, found.start()))
        elif word[1:-1] in options:
            yield Site(Kind.OPTION, word[1:-1], found.start() + 1, _line(source, found.start()))


def _line(source: SourceFile, at: int) -> int:
    return source.text.count("\n", 0, at) + 1
