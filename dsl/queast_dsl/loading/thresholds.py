"""Writing one threshold of matching by name into connections.yaml, everything else of the file as it is."""

from __future__ import annotations

from dataclasses import dataclass

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.model import Edit, Part
from queast_dsl.loading.edits import in_yaml, places_of
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, at
from queast_dsl.loading.tree import read_tree
from queast_dsl.source import SourceFile, Span

_KEY = "auto_link"


@dataclass(frozen=True, slots=True)
class NotWritable:
    """The place is not there, or is written in a way that no edit is certain of. `reason` says which."""

    reason: str


def with_auto_link(path: str, text: str, connection: str, entity: str, value: str) -> str | NotWritable:
    """Return the file's text with `auto_link: VALUE` in the rule by name of one entity on a connection.

    `name: {review: 0.8}`   with 0.97  ->  `name: {auto_link: 0.97, review: 0.8}`
    `auto_link: 0.95  # ok` with 0.97  ->  `auto_link: 0.97  # ok`
    """
    source = SourceFile(path, text)
    root = read_tree(source, Diagnostics())
    rule = None if root is None else at(root, ("connections", connection, "match", entity, "name"))
    if not isinstance(rule, MapNode):
        return NotWritable(f"connections.{connection}.match.{entity} has no block `name`")
    edit = _edit(source, rule, value)
    made = None if edit is None else in_yaml(source, places_of(source, root), (edit,))
    if not made:
        return NotWritable("it is written in a way that cannot be changed for certain")
    (one,) = made
    changed = text[: one.span.start] + one.text + text[one.span.end :]
    return (
        changed if _reads(path, changed, connection, entity, value) else NotWritable("the change would not read back")
    )


def _edit(source: SourceFile, rule: MapNode, value: str) -> Edit | None:
    standing = rule.get(_KEY)
    if standing is not None:
        return Edit(standing.text.span, value) if isinstance(standing, ScalarNode) else None
    if not rule.entries:
        return Edit(rule.span, f"{{{_KEY}: {value}}}", Part.YAML) if rule.is_flow else None
    start = rule.entries[0].key.span.start
    if rule.is_flow:
        return Edit(Span(source, start, start), f"{_KEY}: {value}, ", Part.YAML)
    line = source.text.rfind("\n", 0, start) + 1
    indent = source.text[line:start]
    if indent.strip():
        return None
    end = "\r\n" if source.text.find("\r\n", start) == source.text.find("\n", start) - 1 else "\n"
    return Edit(Span(source, start, start), f"{_KEY}: {value}{end}{indent}", Part.YAML)


def _reads(path: str, text: str, connection: str, entity: str, value: str) -> bool:
    root: Node | None = read_tree(SourceFile(path, text), Diagnostics())
    found = None if root is None else at(root, ("connections", connection, "match", entity, "name", _KEY))
    return isinstance(found, ScalarNode) and found.value == value
