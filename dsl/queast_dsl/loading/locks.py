"""What a base mapping locks: nothing on top may change, replace or unset it.

    base    locked: [routes.r.body.id]      mapping   routes: {r: {body: {const: x}}}      refused at `body`

Twice: what the mapping says of a locked path is refused where it says it, and after merging the node at every locked
path has to be the base's own, by whatever way it was to be replaced.
"""

from __future__ import annotations

from queast_dsl.diagnostics import Diagnostics, Note
from queast_dsl.diagnostics.nearest import nearest
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, at, key_at
from queast_dsl.loading.places import VALUE_FORMS, is_field, is_header
from queast_dsl.loading.sound import items
from queast_dsl.source import Span

# A field of the base that says nothing of these has them all the same: the route's or the default.
_FIELD_DEFAULTS = ("write", "on_null")


def steps(dotted: str) -> tuple[str, ...]:
    return tuple(dotted.split("."))


def check_locks(base: MapNode, diagnostics: Diagnostics) -> bool:
    """Report a locked path that stands nowhere in the base: it would hold nothing. Return whether all are there."""
    is_sound = True
    for lock in items(base, "locked"):
        path = steps(lock.value)
        if _locked_node(base, path) is not None or _is_field_default(base, path):
            continue
        is_sound = False
        parent = at(base, path[:-1])
        near = nearest(path[-1], parent.keys if isinstance(parent, MapNode) else ())
        help = f"did you mean `{'.'.join((*path[:-1], near))}`?" if near else "lock what the base gives"
        diagnostics.report("QM405", f"the base has no `{lock.value}` to lock", lock.span, help=help)
    return is_sound


def respects_locks(root: MapNode, base: MapNode, diagnostics: Diagnostics) -> bool:
    """Report what the mapping says of locked paths, where it says it; return whether it says nothing."""
    is_sound = True
    removed = {steps(item.value): item for item in items(root, "unset")}
    for lock in items(base, "locked"):
        path = steps(lock.value)
        touched = _touch(root, path) or _inherited_write(root, base, path)
        if touched is None:
            found = next((item for unset, item in removed.items() if _overlap(unset, path)), None)
            touched = None if found is None else found.span
        if touched is not None:
            is_sound = False
            _report(lock.value, lock.span, touched, diagnostics)
    return is_sound


def keeps_locks(root: MapNode, base: MapNode, merged: MapNode, diagnostics: Diagnostics) -> bool:
    """Report locked paths that hold something else after merging than in the base; return whether there is none."""
    is_sound = True
    for lock in items(base, "locked"):
        path = steps(lock.value)
        if _locked_node(merged, path) is not _locked_node(base, path):
            is_sound = False
            _report(lock.value, lock.span, _nearest(root, path), diagnostics)
    return is_sound


def _report(path: str, lock: Span, touched: Span, diagnostics: Diagnostics) -> None:
    message = f"`{path}` is locked by the base and cannot be changed"
    diagnostics.report("QM401", message, touched, help="remove it here", notes=(Note("locked here", lock),))


def _locked_node(root: MapNode, path: tuple[str, ...]) -> Node | None:
    node = at(root, path)
    if node is None and is_field(path[:-1]) and path[-1] == "from":
        # The short form of a field: what it is from stands in the field's own place.
        field = at(root, path[:-1])
        return field if isinstance(field, ScalarNode) else None
    return node


def _is_field_default(base: MapNode, path: tuple[str, ...]) -> bool:
    return is_field(path[:-1]) and path[-1] in _FIELD_DEFAULTS and at(base, path[:-1]) is not None


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


def _nearest(root: MapNode, path: tuple[str, ...]) -> Span:
    """Return the key in the mapping that leads furthest towards the path: what stands there took the base's place."""
    span = root.span
    for length in range(1, len(path) + 1):
        key = key_at(root, path[:length])
        if key is None and is_header(path[:length]):
            headers = at(root, path[: length - 1])
            names = [entry.key for entry in headers.entries] if isinstance(headers, MapNode) else []
            key = next((each for each in names if each.value.lower() == path[length - 1].lower()), None)
        if key is None:
            break
        span = key.span
    return span


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
