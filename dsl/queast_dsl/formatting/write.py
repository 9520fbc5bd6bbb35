"""A document with its comments as lines: two blanks a level, at most one empty line, keys in order."""

from __future__ import annotations

from dataclasses import dataclass, field

from queast_dsl.formatting.attach import FOR_LINT
from queast_dsl.formatting.model import Block, Item, Page, Remark
from queast_dsl.formatting.order import in_order
from queast_dsl.formatting.scalars import key_text, value_lines
from queast_dsl.loading.nodes import ScalarNode

_STEP = 2


@dataclass(slots=True)
class _Lines:
    """Lines of one block. `ends_open` after a text to which an empty line would be added (`|+`)."""

    lines: list[str] = field(default_factory=list)
    ends_open: bool = False

    def remarks(self, remarks: list[Remark], indent: int) -> None:
        for remark in remarks:
            self.gap(remark.is_apart)
            self.add(" " * indent + remark.text)

    def gap(self, wanted: bool) -> None:
        """Put an empty line, but neither first in a block nor where it would belong to a text."""
        if wanted and self.lines and not self.ends_open:
            self.lines.append("")

    def add(self, *lines: str) -> None:
        self.lines += lines
        self.ends_open = False


def write(page: Page, schema: str) -> str:
    """Return the text of a page; `schema` says in which order keys stand."""
    _keep_on_top(page, schema)
    found = _Lines(["---"] if page.has_start_mark else [])
    found.remarks([Remark(each.text, each.is_apart and n > 0) for n, each in enumerate(page.top)], 0)
    body = _block(page.root, schema, 0)
    found.gap(page.is_top_apart)
    found.add(*body.lines)
    return "\n".join(found.lines) + "\n"


def _keep_on_top(page: Page, schema: str) -> None:
    """Leave the comments that a file begins with where they are, though the key below them moves: who reads the top of
    a file finds a copyright, or what the file is for. What speaks to lint of the next line goes with that line, and
    below a comment that stands apart what follows is the key's."""
    items = page.root.items
    if not items or page.top or _in_order(page.root, schema)[0] is items[0]:
        return
    first = items[0]
    own = next((n for n, each in enumerate(first.above) if FOR_LINT.match(each.text)), len(first.above))
    if own:
        page.top, first.above = [*page.top, *first.above[:own]], first.above[own:]
        page.is_top_apart = True


def _block(block: Block, schema: str, indent: int) -> _Lines:
    found = _Lines()
    for item in _in_order(block, schema):
        if item.key is None:
            # A comment between a hyphen and what follows it would be taken for one before the hyphen.
            _hoist(item, item.inner, schema)
        found.remarks(item.above, indent)
        found.gap(item.is_apart)
        written = _item(item, schema, indent)
        found.add(*written.lines)
        found.ends_open = written.ends_open
        found.remarks(item.after, indent + _STEP)
    found.remarks(block.below, indent)
    return found


def _in_order(block: Block, schema: str) -> list[Item]:
    keyed = {item.key.value: item for item in block.items if item.key is not None}
    if not keyed:
        return block.items
    return [keyed[key] for key in in_order(schema, block.path, tuple(keyed))]


def _hoist(item: Item, inner: Block | None, schema: str) -> None:
    if inner is not None and inner.items:
        first = _in_order(inner, schema)[0]
        if first.key is None:
            _hoist(first, first.inner, schema)
        item.above += first.above
        first.above = []


def _item(item: Item, schema: str, indent: int) -> _Lines:
    head = " " * indent + ("-" if item.key is None else f"{key_text(item.key)}:")
    beside = "" if item.beside is None else " " * item.beside.gap + item.beside.text
    value = item.value
    if item.inner is not None:
        inner = _block(item.inner, schema, indent + _STEP)
        if item.key is None and inner.lines:
            first, *rest = inner.lines
            return _Lines([f"{head} {first.lstrip()}", *rest], inner.ends_open)
        return _Lines([head + beside, *inner.lines], inner.ends_open)
    if isinstance(value, ScalarNode):
        first, *rest = value_lines(value, item.path, indent, item.header)
        lines = [f"{head} {first}" if first else head, *rest]
        ends_open = bool(rest) and not rest[-1]
    else:
        raw = value.span.file.text[value.span.start : value.span.end]
        # Empty braces may have held a break or a comment, which stands beside them now.
        written = f"{raw[0]}{raw[-1]}" if "\n" in raw else raw
        lines = [f"{head} {written}"]
        ends_open = False
    lines[-1] += beside
    return _Lines(lines, ends_open)
