"""How large an expression may be, checked before and right after parsing so that nothing later can run away."""

from __future__ import annotations

from queast_dsl.expr import ast
from queast_dsl.expr.walk import children

MAX_BYTES = 2048
MAX_NODES = 256
MAX_DEPTH = 32
MAX_TEMPLATE_BYTES = 32_768
MAX_TEMPLATE_TAGS = 256
MAX_TEMPLATE_DEPTH = 8
MAX_REPEAT = 100
# Loops inside one another, those of a body and of the templates in it together.
MAX_LOOPS = 2


def measure(node: ast.Node) -> tuple[int, int]:
    """Return (nodes, depth) of a tree without recursion."""
    nodes, deepest = 0, 0
    waiting = [(node, 1)]
    while waiting:
        current, depth = waiting.pop()
        nodes += 1
        deepest = max(deepest, depth)
        waiting.extend((child, depth + 1) for child in children(current))
    return nodes, deepest


def bracket_depth(text: str) -> int:
    """Return how deeply brackets nest outside of quoted text; linear, and right also for broken expressions."""
    depth = deepest = 0
    quote = ""
    escaped = False
    for character in text:
        if quote:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == quote:
                quote = ""
        elif character in "'\"":
            quote = character
        elif character in "([":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]":
            depth -= 1
    return deepest
