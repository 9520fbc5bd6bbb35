"""A value in a webhook body whose form is misspelt: `{cosnt: company}` would be an object that sends the company."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.fixes import written
from queast_dsl.diagnostics.nearest import is_one_slip
from queast_dsl.expr import ast
from queast_dsl.expr.parser import ParseFailure, parse
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, Step, walk
from queast_dsl.loading.places import BODY_FORMS, is_body, is_leaf

# Words of their own, one letter from a form of a value: `{coast: company.region}`.
_WORDS: Final = frozenset({"cost", "coast", "reader"})


def report_misspelt_leaves(root: Node, diagnostics: Diagnostics) -> list[tuple[Step, ...]]:
    """Report an object of a body whose one key is a slip of `const`, `template` or `render`; return the places that
    have their finding so."""
    found: list[tuple[Step, ...]] = []
    items = _names_of_items(root)
    for path, node in walk(root):
        if not isinstance(node, MapNode) or not is_body(path) or is_leaf(node) or len(node.entries) != 1:
            continue
        key, value = node.entries[0].key, node.entries[0].value
        meant = _meant(key.value)
        if meant is None or not isinstance(value, ScalarNode):
            continue
        if key.value in _WORDS and not _is_word(value.value, items):
            continue
        shown = ".".join(str(step) for step in path)
        help = (
            f"did you mean `{meant}`?  a value is one of {', '.join(BODY_FORMS)}; "
            f"for an object with a key `{key.value}` give it a second key"
        )
        message = f"`{key.value}` in `{shown}` is no form of a value"
        diagnostics.report("QM118", message, key.span, help=help, fix=written(key.span, meant))
        found.append(path)
    return found


def _meant(key: str) -> str | None:
    """Return the form that a key is a slip of. The first letter is seldom the wrong one: `gender` is no `render`."""
    folded = key.casefold()
    for form in BODY_FORMS:
        if folded == form or (folded[:1] == form[0] and is_one_slip(folded, form)):
            return form
    return None


def _is_word(text: str, items: frozenset[str]) -> bool:
    """Whether a value is one word, as a text would be, or no expression at all; `company.revenue` is neither."""
    try:
        tree = parse(text)
    except ParseFailure:
        return True
    return isinstance(tree, ast.Name) and tree.text not in items


def _names_of_items(root: Node) -> frozenset[str]:
    return frozenset(_items(root))


def _items(root: Node) -> Iterator[str]:
    for path, node in walk(root):
        if is_body(path) and path[-1] == "as" and isinstance(node, ScalarNode):
            yield node.value
