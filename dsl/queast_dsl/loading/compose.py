"""A mapping on top of its base: mappings merge, lists and values are replaced, `unset` removes, `locked` holds.

    base    fields: {name: company.name, city: company.city}     mapping   fields: {city: company.address.city}
    merged  fields: {name: company.name, city: company.address.city}

Every node keeps the file it came from, so a finding points at the line that says it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.fixes import renamed
from queast_dsl.diagnostics.nearest import listed, nearest
from queast_dsl.loading.locks import check_locks, keeps_locks, respects_locks, steps
from queast_dsl.loading.nodes import Entry, MapNode, Node, ScalarNode, Step, Style, at
from queast_dsl.loading.odd_shapes import report_odd_shapes
from queast_dsl.loading.places import VALUE_FORMS, is_body, is_choice, is_field, is_header, is_leaf, is_loop
from queast_dsl.loading.sound import items, mapping
from queast_dsl.loading.sound import listed as listed_at
from queast_dsl.loading.source import read_source
from queast_dsl.loading.structure import check_structure
from queast_dsl.loading.tables import table_file
from queast_dsl.loading.tree import read_tree
from queast_dsl.source import Located, SourceFile, SourceText

# They speak about the merging itself and are no part of its result.
_OWN = ("unset", "locked")
_OF_A_WHOLE_ROUTE = ("entity", "events", "to")


@dataclass(frozen=True, slots=True)
class Composed:
    """`sources` are the mapping's own file first, then its base, whose locks are the dotted paths `locked`."""

    root: MapNode
    sources: tuple[SourceFile, ...]
    locked: tuple[Located[str], ...] = ()


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
    if not respects_locks(root, base, diagnostics) or not _has_whole_routes(root, base, diagnostics):
        return None
    trimmed = _unset(root, base, diagnostics)
    if trimmed is None:
        return None
    merged = mapping(_merge(_without(trimmed, _OWN), _without(root, _OWN), ()))
    if not keeps_locks(root, base, merged, diagnostics):
        return None
    return Composed(merged, (root.span.file, base.span.file), listed_at(base, "locked"))


def _base(extends: ScalarNode, diagnostics: Diagnostics, folder: Path | None) -> MapNode | None:
    name, _, major = extends.value.removeprefix("base/").partition("@")
    home: Traversable = folder if folder is not None else files("queast_dsl") / "base"
    file_name = f"{name}.v{major}.yaml"
    entry = home / file_name
    if not entry.is_file():
        known = _known(home)
        near = nearest(extends.value, known)
        fix = renamed(extends.span, extends.value, known)
        listed = f"there are: {', '.join(known) or 'none'}"
        help = f"did you mean `{near}`?  {listed}" if near else listed
        diagnostics.report("QM400", f"there is no base mapping `{extends.value}`", extends.span, help=help, fix=fix)
        return None
    source = read_source(f"base/{file_name}", entry.read_bytes(), diagnostics)
    root = None if source is None else read_tree(source, diagnostics)
    if root is None or not check_structure(root, "mapping", diagnostics, report_odd_shapes(root, diagnostics)):
        return None
    base = mapping(root)
    further = base.entry("extends") or base.entry("unset")
    if further is not None:
        message = "a base mapping extends nothing: there is one level"
        diagnostics.report("QM404", message, further.key.span, help="write its content into this base")
        return None
    return base if check_locks(base, diagnostics) else None


def _known(home: Traversable) -> list[str]:
    if not home.is_dir():
        return []
    names = (entry.name.removesuffix(".yaml") for entry in home.iterdir() if entry.name.endswith(".yaml"))
    return sorted(f"base/{name.replace('.v', '@')}" for name in names)


def misses_its_base(root: MapNode, diagnostics: Diagnostics, folder: Path | None = None) -> bool:
    """Report once, rather than for each key of each route, that no route says what it is about or where it goes, and no
    base is named that would."""
    given = root.entry("routes")
    routes = given.value.entries if given is not None and isinstance(given.value, MapNode) else ()
    if given is None or not routes or "extends" in root.keys or not all(map(_is_part, routes)):
        return False
    home: Traversable = folder if folder is not None else files("queast_dsl") / "base"
    diagnostics.report(
        "QM101",
        "`extends` is missing: no route here says its entity, its events and where it goes to",
        given.key.span,
        help=f"name the base that says it ({listed(_known(home))}), or give each route entity, events and to",
    )
    return True


def _is_part(route: Entry) -> bool:
    return isinstance(route.value, MapNode) and not any(key in route.value.keys for key in _OF_A_WHOLE_ROUTE)


def _has_whole_routes(root: MapNode, base: MapNode, diagnostics: Diagnostics) -> bool:
    """Report a route that says neither what it is about nor where it goes, and has no namesake in the base to lend
    that: one finding at its name, rather than one for each key that the base would have given."""
    is_sound = True
    given, lent = root.get("routes"), base.get("routes")
    names = lent.keys if isinstance(lent, MapNode) else ()
    for entry in given.entries if isinstance(given, MapNode) else ():
        if entry.key.value in names or not _is_part(entry):
            continue
        is_sound = False
        near = nearest(entry.key.value, names)
        fix = renamed(entry.key.span, entry.key.value, names)
        message = f"the base has no route `{entry.key.value}` to change"
        help = f"did you mean `{near}`?" if near else f"routes of the base: {listed(names)}"
        diagnostics.report(
            "QM406", message, entry.key.span, help=f"{help}  A new route has entity, events and to", fix=fix
        )
    return is_sound


def _unset(root: MapNode, base: MapNode, diagnostics: Diagnostics) -> MapNode | None:
    is_sound = True
    for item in items(root, "unset"):
        path = steps(item.value)
        if at(base, path) is None:
            is_sound = False
            parent = at(base, path[:-1])
            near = nearest(path[-1], parent.keys if isinstance(parent, MapNode) else ())
            help = f"did you mean `{'.'.join((*path[:-1], near))}`?" if near else "remove it"
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
    if is_choice(path) or not (isinstance(base, MapNode) and isinstance(over, MapNode)):
        return over
    if _is_closed_body(path, base, over) or _is_table_file(path, base, over):
        return over
    merged: list[Entry] = []
    given = {_folded(path, entry.key.value): entry for entry in over.entries}
    for entry in base.entries:
        other = given.get(_folded(path, entry.key.value))
        if other is None:
            merged.append(entry)
        else:
            merged.append(Entry(other.key, _merge(entry.value, other.value, (*path, entry.key.value))))
    inherited = {_folded(path, entry.key.value) for entry in base.entries}
    merged.extend(entry for entry in over.entries if _folded(path, entry.key.value) not in inherited)
    return MapNode(tuple(merged), over.is_flow, over.span)


def _folded(path: tuple[Step, ...], key: str) -> str:
    """HTTP does not tell header names apart by case, so `x-source` on top replaces the base's `X-Source`."""
    return key.lower() if is_header((*path, key)) else key


def _is_closed_body(path: tuple[Step, ...], *nodes: MapNode) -> bool:
    """Whether one side is a list or a leaf of a body: merging its keys would give neither of the two."""
    return is_body(path) and any(is_loop(node) or is_leaf(node) for node in nodes)


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
