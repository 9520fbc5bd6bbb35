"""One way to lay out a document, without a change to what it says and without the loss of a comment.

The file's own tree is arranged again: keys in the schema's order, each with the comments that belong to it, and
scalars as they were written. What comes out is read again and compared before anybody gets it.
"""

from __future__ import annotations

from dataclasses import dataclass

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.formatting.attach import attach
from queast_dsl.formatting.same import is_same
from queast_dsl.formatting.write import write
from queast_dsl.loading.nodes import MapNode
from queast_dsl.loading.shapes import report_shapes
from queast_dsl.loading.source import read_source
from queast_dsl.loading.tree import read_tree
from queast_dsl.source import SourceFile

__all__ = ["Formatted", "Left", "format_text"]


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file's text as it should be; the same text where it is so already."""

    text: str


@dataclass(frozen=True, slots=True)
class Left:
    """A file that is left alone. Without a reason its findings say why."""

    reason: str | None = None


def format_text(path: str, text: str, schema: str, diagnostics: Diagnostics) -> Formatted | Left:
    """Return a file's text laid out; `schema` is the name of the one that says in which order its keys stand.

    `{a : 1}` at the top  ->  `a: 1`. Line ends stay as the first one is. A file that cannot be read as YAML, or in
    which YAML takes an expression for something else, is left alone and its findings are reported.
    """
    # Findings point into the file as it is, the tree is read of one with simple line ends.
    original = read_source(path, text.encode("utf-8"), diagnostics)
    root = None if original is None else read_tree(original, diagnostics)
    if root is None or report_shapes(root, diagnostics):
        return Left()
    source = SourceFile(path, text.replace("\r\n", "\n"))
    tree = read_tree(source, Diagnostics())
    if not isinstance(tree, MapNode):
        return Left("it holds no mapping")
    laid_out = write(attach(source, tree), schema)
    after = SourceFile(path, laid_out)
    again = read_tree(after, Diagnostics())
    if again is None or not is_same((source, tree), (after, again)):
        return Left("it cannot be laid out without a change to what it says")
    return Formatted(laid_out.replace("\n", "\r\n") if _has_windows_ends(text) else laid_out)


def _has_windows_ends(text: str) -> bool:
    first = text.find("\n")
    return first > 0 and text[first - 1] == "\r"
