"""A mapping on top of its base: mappings merge, lists and values are replaced, `unset` removes, `locked` holds.

    base    fields: {name: company.name, city: company.city}     mapping   fields: {city: company.address.city}
    merged  fields: {name: company.name, city: company.address.city}

Every node keeps the file it came from, so a finding points at the line that says it.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from queast_dsl.diagnostics import Diagnostics, Note
from queast_dsl.loading.nodes import Entry, MapNode, Node, ScalarNode, Step, Style, at, key_at
from queast_dsl.loading.places import VALUE_FORMS, is_body, is_field
from queast_dsl.loading.shapes import report_shapes
from queast_dsl.loading.sound import items, mapping
from queast_dsl.loading.source import read_source
from queast_dsl.loading.structure import check_structure
from queast_dsl.loading.tables import table_file
from queast_dsl.loading.tree import read_tree
from queast_dsl.source import SourceFile, SourceText, Span

# They speak about the merging itself and are no part of its result.
_OWN = ("unset", "locked")


@dataclass(frozen=True, slots=True)
class Composed:
    """`sources` are the mapping's own file first, then its base."""

    root: MapNode
    sources: tuple[SourceFile, ...]


def compose(root: MapNode, diagnostics: Diagnostics, base_folder: Path | None = None) -> Composed | None:
    """Return the mapping with its base merged in, or None after reporting why there is none.

    `base_folder` holds `<name>.v<major>.yaml`; where it is None the bases that ship with the package are used.
    """
    locked = root.entry("locked")
    if locked is not None:
        diagnostics.report("QM402", "`locked` belongs in a base mapping", locked.key.span, help="remove it")
        return None
    extends = root.get("extends")
    unset = root.entry("unset")
    if not isinstance(extends, ScalarNode):
        if unset is None:
            return Composed(root, (root.span.file,))
        message = "`unset` removes what a base gives, and this mapping extends none"
        diagnostics.report("QM403", message, unset.key.span, help="add `extends`, or remove `unset`")
        return None
    base = _base(extends, diagnostics, base_folder)
    if base is None:
        return None
    if not _respects_locks(root, base, diagnostics):
        return None
    trimmed = _unset(root, base, diagnostics)
    if trimmed is None:
        return None
    merged = _merge(_without(trimmed, _OWN), _without(root, _OWN), ())
    return Composed(mapping(merged), (root.span.file, base.span.file))


def _base(extends: ScalarNode, diagnostics: Diagnostics, folder: Path | None) -> MapNode | None:
    name, _, major = extends.value.removeprefix("base/").partition("@")
    home: Traversable = folder if folder is not None else files("queast_dsl") / "base"
    file_name = f"{name}.v{major}.yaml"
    entry = home / file_name
    if not entry.is_file():
        known = _known(home)
        near = get_close_matches(extends.value, known, 1)
        listed = f"there are: {', '.join(known) or 'none'}"
        help = f"did you mean `{near[0]}`?  {listed}" if near else listed
        diagnostics.report("QM400", f"there is no base mapping `{extends.value}`", extends.span, help=help)
        return None
    source = read_source(f"base/{file_name}", entry.read_bytes(), diagnostics)
    root = None if source is None else read_tree(source, diagnostics)
    if root is None or not check_structure(root, "mapping", diagnostics, report_shapes(root, diagnostics)):
        return None
    base = mapping(root)
    further = base.entry("extends") or base.entry("unset")
    if further is not None:
        message = "a base mapping extends nothing: there is one level"
        diagnostics.report("QM404", message, further.key.span, help="write its content into this base")
        return None
    return base


def _known(home: Traversable) -> list[str]:
    if not home.is_dir():
        return []
    names = (entry.name.removesuffix(".yaml") for entry in home.iterdir() if entry.name.endswith(".yaml"))
    return sorted(f"base/{name.replace('.v', '@')}" for name in names)


def _steps(dotted: str) -> tuple[str, ...]:
    return tuple(dotted.split("."))


def _respects_locks(root: MapNode, base: MapNode, diagnostics: Diagnostics) -> bool:
    is_sound = True
    removed = {_steps(item.value): item for item in items(root, "unset")}
    for lock in items(base, "locked"):
        path = _steps(lock.value)
        touched = _touch(root, path) or _inherited_write(root, base, path)
        if touched is None:
            found = next((item for steps, item in removed.items() if _overlap(steps, path)), None)
            touched = None if found is None else found.span
        if touched is not None:
            is_sound = False
            note = Note("locked here", lock.span)
            message = f"`{lock.value}` is locked by the base and cannot be changed"
            diagnostics.report("QM401", message, touched, help="remove it here", notes=(note,))
    return is_sound


def _overlap(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    length = min(len(a), len(b))
    return a[:length] == b[:length]


def _touch(root: MapNode, path: tuple[str, ...]) -> Span | None:
    """Return where the mapping says something at, below or instead of a locked path."""
    for length in range(1, len(path) + 1):
        node = at(root, path[:length])
        if node is None:
            return None
        rest = path[length:]
        if is_field(path[:length]) and rest:
            is_touched = _touches_field(node, rest[0])
        else:
            is_touched = not rest or not isinstance(node, MapNode)
        if is_touched:
            key = key_at(root, path[:length])
            return node.span if key is None else key.span
    return None


def _touches_field(node: Node, locked: str) -> bool:
    """Whether a field given by the mapping changes the `locked` key of the base's field: any value replaces any."""
    if not isinstance(node, MapNode):
        return locked in VALUE_FORMS
    if locked in VALUE_FORMS:
        return any(form in node.keys for form in VALUE_FORMS)
    return locked in node.keys


def _inherited_write(root: MapNode, base: MapNode, path: tuple[str, ...]) -> Span | None:
    """Return the route's `write` in the mapping where it would reach a locked field that has none of its own."""
    if len(path) < 4 or not is_field(path[:4]) or path[4:] not in ((), ("write",)):
        return None
    if at(base, path[:4]) is None or at(base, (*path[:4], "write")) is not None:
        return None
    key = key_at(root, (*path[:2], "write"))
    return None if key is None else key.span


def _unset(root: MapNode, base: MapNode, diagnostics: Diagnostics) -> MapNode | None:
    is_sound = True
    for item in items(root, "unset"):
        path = _steps(item.value)
        if at(base, path) is None:
            is_sound = False
            parent = at(base, path[:-1])
            near = get_close_matches(path[-1], parent.keys if isinstance(parent, MapNode) else (), 1)
            help = f"did you mean `{'.'.join((*path[:-1], near[0]))}`?" if near else "remove it"
            diagnostics.report("QM403", f"the base has no `{item.value}` to unset", item.span, help=help)
        elif at(root, path) is not None:
            is_sound = False
            message = f"`{item.value}` is unset and given at once"
            help = "keep one of the two; a value given here replaces the base's anyway"
            diagnostics.report("QM403", message, item.span, help=help)
        else:
            base = mapping(_removed(base, path))
    return base if is_sound else None


def _removed(node: Node, path: tuple[str, ...]) -> Node:
    if not isinstance(node, MapNode):
        return node
    kept = tuple(
        entry if entry.key.value != path[0] else Entry(entry.key, _removed(entry.value, path[1:]))
        for entry in node.entries
        if entry.key.value != path[0] or len(path) > 1
    )
    return MapNode(kept, node.is_flow, node.span)


def _without(node: MapNode, keys: tuple[str, ...]) -> MapNode:
    kept = tuple(entry for entry in node.entries if entry.key.value not in keys)
    return MapNode(kept, node.is_flow, node.span)


def _merge(base: Node, over: Node, path: tuple[Step, ...]) -> Node:
    if is_field(path):
        return _merge_field(base, over)
    if not (isinstance(base, MapNode) and isinstance(over, MapNode)):
        return over
    if _is_closed_body(path, base, over) or _is_table_file(path, base, over):
        return over
    merged: list[Entry] = []
    for entry in base.entries:
        other = over.entry(entry.key.value)
        if other is None:
            merged.append(entry)
        else:
            merged.append(Entry(other.key, _merge(entry.value, other.value, (*path, entry.key.value))))
    merged.extend(entry for entry in over.entries if base.entry(entry.key.value) is None)
    return MapNode(tuple(merged), over.is_flow, over.span)


def _is_closed_body(path: tuple[Step, ...], *nodes: MapNode) -> bool:
    """Whether one side is a list or a leaf of a body: merging its keys would give neither of the two."""
    forms = ("each", *VALUE_FORMS)
    return is_body(path) and any(form in node.keys for form in forms for node in nodes)


def _is_table_file(path: tuple[Step, ...], *nodes: MapNode) -> bool:
    return len(path) == 2 and path[0] == "tables" and any(table_file(node) is not None for node in nodes)


def _merge_field(base: Node, over: Node) -> Node:
    """A field's value is replaced whole; `write` and `on_null` are kept unless given."""
    if not isinstance(over, MapNode):
        if not isinstance(base, MapNode) or not isinstance(over, ScalarNode):
            return over
        over = _long_form(over)
    below = _long_form(base) if isinstance(base, ScalarNode) else base
    if not isinstance(below, MapNode):
        return over
    gives_value = any(form in over.keys for form in VALUE_FORMS)
    kept = tuple(
        entry
        for entry in below.entries
        if entry.key.value not in over.keys and not (gives_value and entry.key.value in VALUE_FORMS)
    )
    return MapNode((*kept, *over.entries), over.is_flow, over.span)


def _long_form(node: ScalarNode) -> MapNode:
    """`company.name` -> `{from: company.name}`, standing where the short form stands."""
    key = ScalarNode(SourceText("from", node.span, (node.span.start,) * 5), Style.PLAIN, node.span)
    return MapNode((Entry(key, node),), False, node.span)
