"""What no schema can tell from what it allows: sound YAML that is mostly not what was meant."""

from __future__ import annotations

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading.layers import report_layers
from queast_dsl.loading.leaves import report_misspelt_leaves
from queast_dsl.loading.loops import report_misspelt_loops
from queast_dsl.loading.nodes import Node, Step
from queast_dsl.loading.shapes import report_shapes


def report_odd_shapes(root: Node, diagnostics: Diagnostics) -> set[tuple[Step, ...]]:
    """Report them; return the paths at and below which nothing more is to be said."""
    explained = report_shapes(root, diagnostics, report_misspelt_leaves(root, diagnostics))
    return explained.union(report_misspelt_loops(root, diagnostics), report_layers(root, diagnostics))
