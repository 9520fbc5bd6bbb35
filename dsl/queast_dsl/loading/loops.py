"""A list in a webhook body whose `each` is misspelt, which would otherwise be an object with three odd keys."""

from __future__ import annotations

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.fixes import written
from queast_dsl.diagnostics.nearest import is_one_slip
from queast_dsl.loading.nodes import MapNode, Node, Step, walk
from queast_dsl.loading.places import is_body

_OTHERS = {"as", "body"}


def report_misspelt_loops(root: Node, diagnostics: Diagnostics) -> list[tuple[Step, ...]]:
    """Report `{ech: …, as: …, body: …}` in a body as a slip; return the places that have their finding so."""
    found: list[tuple[Step, ...]] = []
    for path, node in walk(root):
        if not isinstance(node, MapNode) or not is_body(path) or len(node.entries) != 3:
            continue
        strange = [entry.key for entry in node.entries if entry.key.value not in _OTHERS]
        if len(strange) == 1 and strange[0].value != "each" and is_one_slip(strange[0].value, "each"):
            shown = ".".join(str(step) for step in path)
            message = f"`{shown}` has no key `{strange[0].value}`"
            help = "did you mean `each`?  known here: each, as, body"
            diagnostics.report("QM100", message, strange[0].span, help=help, fix=written(strange[0].span, "each"))
            found.append(path)
    return found
