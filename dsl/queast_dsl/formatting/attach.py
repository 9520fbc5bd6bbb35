"""Give each comment of a file to the entry it is about.

On the line of a value  ->  beside it;  alone on a line  ->  above the next entry;  indented more than the next entry
->  below the last of the entries that it is indented more than.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from queast_dsl.formatting.braces import stays_in_braces
from queast_dsl.formatting.model import Beside, Block, Item, Page, Remark
from queast_dsl.loading.comments import comments_of, header_comment
from queast_dsl.loading.nodes import Entry, MapNode, Node, ScalarNode, SeqNode, Step, Style, walk
from queast_dsl.source import SourceFile, Span

_START_MARK = re.compile(r"^---(?=\s|\Z)", re.MULTILINE)
_FOR_EDITORS = re.compile(r"#\s*(?:yaml-language-server:|\$schema|-\*-)")
# It speaks of the next line with something on it, however far it is indented.
FOR_LINT = re.compile(r"#[ \t]*qmap:")
_NEVER = 1 << 60


@dataclass(frozen=True, slots=True)
class _Open:
    """An entry after which comments may still belong to it, with the column it begins in and the block around it."""

    column: int
    item: Item
    block: Block


class _Attaching:
    def __init__(self, source: SourceFile, root: MapNode) -> None:
        self.source = source
        self.comments = comments_of(source, root)
        self.starts = [each.start for each in self.comments]
        self.taken = 0
        self.chain: list[_Open] = []
        self.empty = _empty_lines(source, root)
        self.page = Page(Block(()))

    def remark(self, comment: Span) -> Remark:
        is_alone = not self.line_before(comment.start).strip()
        return Remark(self.text(comment), is_alone and self.is_apart(comment.start))

    def text(self, comment: Span) -> str:
        return self.source.text[comment.start : comment.end]

    def line_before(self, offset: int) -> str:
        return self.source.text[self.source.text.rfind("\n", 0, offset) + 1 : offset]

    def is_apart(self, offset: int) -> bool:
        return self.source.position(offset)[0] - 1 in self.empty

    def before(self, offset: int) -> list[Span]:
        """Take the comments that begin before an offset and have no place yet."""
        end = bisect_right(self.starts, offset - 1)
        found = list(self.comments[self.taken : end])
        self.taken = max(self.taken, end)
        return found

    def on_line(self, offset: int, limit: int) -> Span | None:
        """Take the next comment if it stands on the line of an offset, behind it and before `limit`."""
        if self.taken == len(self.comments):
            return None
        comment = self.comments[self.taken]
        is_here = offset <= comment.start < limit and "\n" not in self.source.text[offset : comment.start]
        if not is_here:
            return None
        self.taken += 1
        return comment

    def beside(self, comment: Span) -> Beside:
        before = self.line_before(comment.start)
        return Beside(self.text(comment), max(2, len(before) - len(before.rstrip())))

    def put_beside(self, item: Item, comment: Span) -> None:
        # A list written out below a bare hyphen has no line of its own.
        if item.beside is None and (item.key is not None or item.inner is None):
            item.beside = self.beside(comment)
        else:
            item.above.append(Remark(self.text(comment), is_apart=False))

    def block(self, node: MapNode | SeqNode, block: Block, depth: int, *, in_braces: bool, limit: int) -> None:
        """Fill `block` with the children of a node. `limit` is where the braces around it end."""
        children: tuple[Entry | Node, ...] = node.entries if isinstance(node, MapNode) else node.items
        column = self.source.position(node.span.start)[1] - 1
        for n, child in enumerate(children):
            following = children[n + 1] if n + 1 < len(children) else None
            step: Step = child.key.value if isinstance(child, Entry) else n
            key, value = (child.key, child.value) if isinstance(child, Entry) else (None, child)
            start = value.span.start if key is None else key.span.start
            above = self.opened(start, depth, _NEVER if in_braces else column)
            item = Item((*block.path, step), key, value, above, self.is_apart(start))
            if not block.items and depth == 0:
                self.split_top(item)
            block.items.append(item)
            if not in_braces:
                self.chain[depth:] = [_Open(column, item, block)]
            end = limit if following is None else _start(following)
            self.value(item, depth, in_braces=in_braces, limit=end)

    def value(self, item: Item, depth: int, *, in_braces: bool, limit: int) -> None:
        key, value = item.key, item.value
        key_end = value.span.start if key is None else key.span.end
        if isinstance(value, MapNode | SeqNode) and not stays_in_braces(self.source, item):
            item.inner = Block(item.path)
            children = value.entries if isinstance(value, MapNode) else value.items
            first = _start(children[0]) if children else value.span.end
            comment = self.on_line(key_end, first) if key is not None else None
            if comment is not None:
                item.beside = self.beside(comment)
            inside = in_braces or value.is_flow
            self.block(value, item.inner, depth + 1, in_braces=inside, limit=value.span.end if inside else limit)
            if value.is_flow:
                item.inner.below += map(self.remark, self.before(value.span.end))
        elif isinstance(value, ScalarNode) and (header := header_comment(self.source, value)) is not None:
            item.header = self.text(header)
            for comment in self.before(header.end):
                if comment.start != header.start:
                    item.above.append(self.remark(comment))
        else:
            for comment in self.before(value.span.end):
                self.put_beside(item, comment)
        comment = self.on_line(max(value.span.end, key_end), limit)
        if comment is not None:
            self.put_beside(item, comment)

    def opened(self, start: int, depth: int, column: int) -> list[Remark]:
        """Return the comments above an entry that begins at `start`; those that are indented more than it go to what
        stands before it."""
        above: list[Remark] = []
        deepest = len(self.chain)
        for comment in self.before(start):
            line_before = self.line_before(comment.start)
            is_deeper = (
                not above
                and not FOR_LINT.match(self.text(comment))
                and not line_before.strip()
                and len(line_before) > column
            )
            owner = self.owner(len(line_before), depth, deepest) if is_deeper else None
            if owner is None:
                above.append(self.remark(comment))
                continue
            deepest, remarks = owner
            remarks.append(self.remark(comment))
        return above

    def owner(self, column: int, depth: int, deepest: int) -> tuple[int, list[Remark]] | None:
        """Return where a comment belongs that begins in `column`, and how deep the next one may belong at most."""
        for level in range(min(deepest, len(self.chain)) - 1, depth - 1, -1):
            opened = self.chain[level]
            if opened.column >= column:
                continue
            if opened.item.inner is not None:
                return level + 1, opened.item.inner.below
            if not _is_block_text(opened.item.value):
                return level + 1, opened.item.after
            # Below a block of text a comment that is indented would become text.
            return (level, opened.block.below) if level > depth else None
        return None

    def split_top(self, item: Item) -> None:
        """The comments before the first entry up to the last empty line belong to the file."""
        apart = [n for n, remark in enumerate(item.above) if remark.is_apart and n > 0]
        cut = len(item.above) if item.is_apart else apart[-1] if apart else 0
        self.page.is_top_apart = cut > 0
        if cut == 0 and item.above and _FOR_EDITORS.match(item.above[0].text):
            cut = 1
        self.page.top, item.above = item.above[:cut], item.above[cut:]

    def rest(self) -> None:
        """Comments after the last entry: those that are indented belong to what they stand below."""
        self.page.root.below += self.opened(_NEVER, 0, -1)


def attach(source: SourceFile, root: MapNode) -> Page:
    """Return the file's tree with every comment in its place. `source` has simple line ends."""
    attaching = _Attaching(source, root)
    attaching.page.has_start_mark = _START_MARK.search(source.text, 0, root.span.start) is not None
    attaching.block(
        root, attaching.page.root, 0, in_braces=root.is_flow, limit=root.span.end if root.is_flow else _NEVER
    )
    attaching.rest()
    return attaching.page


def _empty_lines(source: SourceFile, root: Node) -> frozenset[int]:
    """Return the numbers of the lines with nothing on them, without those that belong to a text (`|+`)."""
    empty = {n for n, line in enumerate(source.text.split("\n"), 1) if not line.strip()}
    for _, node in walk(root):
        if isinstance(node, ScalarNode) and _is_block_text(node) and node.value.endswith("\n\n"):
            line = node.span.end_line + 1
            while line in empty:
                empty.remove(line)
                line += 1
    return frozenset(empty)


def _is_block_text(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.style in (Style.LITERAL, Style.FOLDED)


def _start(child: Entry | Node) -> int:
    return child.key.span.start if isinstance(child, Entry) else child.span.start
