"""What a base mapping locks: nothing on top may change, replace, add or unset it.

    base    locked: [routes.r.body.id]      mapping   routes: {r: {body: {const: x}}}      refused at `body`

Twice: what the mapping says of a locked path is refused where it says it, and after merging every locked path has to
mean what it means in the base, by whatever way it was to be changed: replaced from above, written otherwise because
the route is, or reading another table.
"""

from __future__ import annotations

from queast_dsl.diagnostics import Diagnostics, Note
from queast_dsl.document.mapping import DEFAULT_WRITE
from queast_dsl.loading.lockable import check_lockable, locked_node
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, SeqNode, at, key_at
from queast_dsl.loading.places import VALUE_FORMS, is_field, is_header
from queast_dsl.loading.reach import Implied, implied
from queast_dsl.loading.sound import items
from queast_dsl.source import Span

Path = tuple[str, ...]


def steps(dotted: str) -> Path:
    return tuple(dotted.split("."))


def check_locks(base: MapNode, diagnostics: Diagnostics) -> bool:
    """Report each locked path that nothing can stand at: it would hold nothing. Return whether there is none."""
    checked = [check_lockable(base, steps(lock.value), lock.span, diagnostics) for lock in items(base, "locked")]
    return all(checked)


def respects_locks(root: MapNode, base: MapNode, diagnostics: Diagnostics) -> bool:
    """Report what the mapping says of locked paths, where it says it; return whether it says nothing."""
    is_sound = True
    for lock in items(base, "locked"):
        path = steps(lock.value)
        touched = _touch(root, path) or _unset(root, path)
        if touched is not None:
            is_sound = False
            _report(base, lock, touched, diagnostics)
    return is_sound


def keeps_locks(root: MapNode, base: MapNode, merged: MapNode, diagnostics: Diagnostics) -> bool:
    """Report what means something else after merging than in the base although it is locked, or a lock rests on it;
    return whether there is nothing."""
    is_sound = True
    told: set[Path] = set()
    rewritten: dict[Path, list[ScalarNode]] = {}
    for lock in items(base, "locked"):
        path = steps(lock.value)
        node = locked_node(base, path)
        if locked_node(merged, path) is not node:
            is_sound = False
            _report(base, lock, _nearest(root, path), diagnostics)
            continue
        if _writes(merged, path) != _writes(base, path):
            is_sound = False
            rewritten.setdefault((*path[:2], "write"), []).append(lock)
        for each in implied(base, path, node):
            if each.path not in told and _said(at(merged, each.path)) != _said(at(base, each.path)):
                is_sound = False
                told.add(each.path)
                _report_implied(each, lock, root, diagnostics)
    for write, locks in rewritten.items():
        _report_write(write, locks, root, diagnostics)
    return is_sound


def _report(base: MapNode, lock: ScalarNode, touched: Span, diagnostics: Diagnostics) -> None:
    path = steps(lock.value)
    what = "added" if locked_node(base, path) is None and not is_field(path[:-1]) else "changed"
    message = f"`{lock.value}` is locked by the base and cannot be {what}"
    diagnostics.report("QM401", message, touched, help="remove it here", notes=(Note("locked here", lock.span),))


def _report_write(path: Path, locks: list[ScalarNode], root: MapNode, diagnostics: Diagnostics) -> None:
    message = f"`{'.'.join(path)}` cannot be changed: it says when `{locks[0].value}` is written, which is locked"
    touched = _unset(root, path) or _nearest(root, path)
    help = "remove it here, and give `write` to the fields that are not locked"
    notes = tuple(Note("locked here", lock.span) for lock in locks)
    diagnostics.report("QM401", message, touched, help=help, notes=notes)


def _report_implied(each: Implied, lock: ScalarNode, root: MapNode, diagnostics: Diagnostics) -> None:
    touched = _touch(root, each.path) or _unset(root, each.path) or _nearest(root, each.path)
    diagnostics.report(
        "QM401",
        f"`{'.'.join(each.path)}` cannot be changed: {each.why}",
        touched,
        help="remove it here",
        notes=(Note("locked here", lock.span), Note("used here", each.span)),
    )


def _said(node: Node | None) -> object:
    """Return what a node says, to compare it by: neither where it stands nor the order of its keys."""
    match node:
        case None:
            return None
        case ScalarNode():
            return node.value
        case SeqNode(items=each):
            return tuple(_said(item) for item in each)
        case MapNode(entries=entries):
            return {entry.key.value: _said(entry.value) for entry in entries}


def _writes(root: MapNode, path: Path) -> dict[str, str]:
    """Return when the fields that a locked path covers are written: their own word, the route's or the default."""
    if len(path) < 3 or path[0] != "routes" or path[2] != "fields" or path[4:] not in ((), ("write",)):
        return {}
    fields = at(root, path[:3])
    names = fields.keys if isinstance(fields, MapNode) else ()
    route = at(root, (*path[:2], "write"))
    found: dict[str, str] = {}
    for name in (each for each in names if path[3:4] in ((), (each,))):
        own = at(root, (*path[:3], name, "write"))
        said = own if own is not None else route
        found[name] = said.value if isinstance(said, ScalarNode) else DEFAULT_WRITE
    return found


def _unset(root: MapNode, path: Path) -> Span | None:
    """Return where the mapping unsets a path, something above or something below it."""
    for item in items(root, "unset"):
        unset = steps(item.value)
        length = min(len(unset), len(path))
        if unset[:length] == path[:length]:
            return item.span
    return None


def _touch(root: MapNode, path: Path) -> Span | None:
    """Return where the mapping says something at, below or instead of a path."""
    path = _as_spelled(root, path)
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


def _nearest(root: MapNode, path: Path) -> Span:
    """Return the key in the mapping that leads furthest towards the path: what stands there took the base's place."""
    path = _as_spelled(root, path)
    span = root.span
    for length in range(1, len(path) + 1):
        key = key_at(root, path[:length])
        if key is None:
            break
        span = key.span
    return span


def _as_spelled(root: MapNode, path: Path) -> Path:
    """`X-Source` -> `x-source` where the mapping spells the header so: HTTP does not tell them apart."""
    headers = at(root, path[:3])
    if not is_header(path[:4]) or not isinstance(headers, MapNode):
        return path
    name = next((key for key in headers.keys if key.lower() == path[3].lower()), path[3])
    return (*path[:3], name, *path[4:])


def _touches_field(node: Node, locked: str) -> bool:
    """Whether a field given by the mapping changes the `locked` key of the base's field: any value replaces any."""
    if not isinstance(node, MapNode):
        return locked in VALUE_FORMS
    if locked in VALUE_FORMS:
        return any(form in node.keys for form in VALUE_FORMS)
    return locked in node.keys
