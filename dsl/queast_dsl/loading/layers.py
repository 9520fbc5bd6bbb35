"""A layer of a mapping that is left out, or another one: rows of a table without a name, a body under `fields:`."""

from __future__ import annotations

import re

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.fixes import written
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, Step, at
from queast_dsl.loading.places import FIELD_KEYS

# The table of `lookup(key, table, …)`, or of `key | lookup(table, …)`.
_LOOKUP = re.compile(r"\blookup\s*\(\s*(?:[^(),]*,\s*)?([A-Za-z_]\w*)\s*[,)]")
_EVENT = "event"


def report_layers(root: Node, diagnostics: Diagnostics) -> list[tuple[Step, ...]]:
    """Report them, each once; return the places that have their finding so."""
    found: list[tuple[Step, ...]] = []
    if _lacks_name(root, diagnostics):
        found.append(("tables",))
    routes = at(root, ("routes",))
    for entry in routes.entries if isinstance(routes, MapNode) else ():
        if isinstance(entry.value, MapNode) and _has_body_in_fields(entry.value, diagnostics):
            found.append(("routes", entry.key.value, "fields"))
    return found


def _lacks_name(root: Node, diagnostics: Diagnostics) -> bool:
    tables = at(root, ("tables",))
    if not isinstance(tables, MapNode):
        return False
    rows = [each for each in tables.entries if isinstance(each.value, ScalarNode) and not each.value.is_null]
    if not rows:
        return False
    named = {each.key.value for each in tables.entries if isinstance(each.value, MapNode)}
    used = [name for name in _LOOKUP.findall(root.span.file.text) if name not in named]
    name = used[0] if used else "name"
    help = f"write the name of the table above its rows, `{name}:`, and indent them below it"
    diagnostics.report("QM102", "`tables` holds rows of a table that has no name", rows[0].key.span, help=help)
    return True


def _has_body_in_fields(route: MapNode, diagnostics: Diagnostics) -> bool:
    """Whether a route to an event writes nested JSON under `fields:`: no field has keys of its own."""
    fields, to = route.entry("fields"), route.get("to")
    if fields is None or not isinstance(fields.value, MapNode) or "body" in route.keys:
        return False
    is_nested = any(
        isinstance(each.value, MapNode) and each.value.keys and FIELD_KEYS.isdisjoint(each.value.keys)
        for each in fields.value.entries
    )
    if not is_nested or not isinstance(to, ScalarNode) or to.value != _EVENT:
        return False
    diagnostics.report(
        "QM307",
        f"`{_EVENT}` takes a `body:`, not `fields:`",
        fields.key.span,
        help="write `body:` in its place",
        fix=written(fields.key.span, "body"),
    )
    return True
