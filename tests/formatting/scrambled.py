"""A sound file written another way: keys, blanks, quotes, braces and comments as an untidy hand would have them.

What it says stays; hypothesis decides each step, so that a failure shrinks to the one step that matters.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from queast_dsl.loading.nodes import Entry, MapNode, Node, ScalarNode, SeqNode, Style
from queast_dsl.loading.quoting import in_double, in_single, is_on_a_line, may_be_plain
from queast_dsl.loading.written import double_quoted


@dataclass
class Hand:
    """Writes a tree by what is drawn. `comments` are those that it put in."""

    draw: st.DrawFn
    comments: list[str] = field(default_factory=list)

    def often(self, times: int) -> bool:
        """True once in so many times."""
        return self.draw(st.integers(0, times - 1)) == times - 1

    def comment(self) -> str:
        words = ("why", "TODO: x", "it's {odd}", "[", "- a", "k: v", "\"'", "# twice", "é|")
        text = f"# {len(self.comments)} {self.draw(st.sampled_from(words))}"
        self.comments.append(text)
        return text

    def loose(self, indent: int) -> list[str]:
        """Empty lines and comments on lines of their own, in any column from 0 to `indent`."""
        lines: list[str] = []
        while self.often(5):
            if self.often(2):
                lines.append(" " * self.draw(st.integers(0, 2)))
            else:
                lines.append(" " * self.draw(st.sampled_from(sorted({0, max(indent - 1, 0), indent}))) + self.comment())
        return lines

    def beside(self) -> str:
        return " " * self.draw(st.integers(1, 4)) + self.comment() if self.often(6) else ""

    def ordered(self, entries: tuple[Entry, ...]) -> list[Entry]:
        return self.draw(st.permutations(entries)) if self.often(3) else list(entries)

    def block(self, node: MapNode | SeqNode, indent: int) -> list[str]:
        lines: list[str] = []
        step = self.draw(st.integers(1, 4))
        if isinstance(node, MapNode):
            for entry in self.ordered(node.entries):
                lines += self.loose(indent)
                key = self.key(entry.key)
                head = " " * indent + key + " " * self.draw(st.integers(0, 1)) + ":"
                lines += self.value(head, entry.value, indent, step)
        else:
            for item in node.items:
                lines += self.loose(indent)
                lines += self.value(" " * indent + "-", item, indent, step)
        return lines

    def value(self, head: str, node: Node, indent: int, step: int) -> list[str]:
        if isinstance(node, ScalarNode):
            return self.scalar(head, node, indent, step)
        if _is_empty(node) or self.fits(node):
            return [f"{head} {self.braces(node, indent + step)}{self.beside()}"]
        below = self.block(node, indent + step)
        return [head + self.beside(), *below, *self.end(indent + step, below)]

    def end(self, indent: int, below: list[str]) -> list[str]:
        # Below a block of text an indented comment would be text.
        return [] if below and below[-1].startswith(" " * (indent + 1)) else self.loose(indent)

    def fits(self, node: MapNode | SeqNode) -> bool:
        return _is_short(node) and (node.is_flow or self.often(3)) and not self.often(4)

    def braces(self, node: Node, indent: int) -> str:
        gap = " " * self.draw(st.integers(0, 2))
        match node:
            case MapNode(entries=entries):
                parts = [f"{self.key(e.key)}: {self.braces(e.value, indent)}" for e in self.ordered(entries)]
                return f"{{{gap}{self.separated(parts, indent)}{gap}}}"
            case SeqNode(items=items):
                return f"[{gap}{self.separated([self.braces(each, indent) for each in items], indent)}{gap}]"
            case ScalarNode():
                return self.line(node, in_braces=True)

    def separated(self, parts: list[str], indent: int) -> str:
        """Commas between, now and then with a break and a comment."""
        text = ""
        for n, part in enumerate(parts):
            text += part
            last = n == len(parts) - 1
            comma = "" if last else ", "
            text += f"{comma}{self.beside()}\n{' ' * indent}" if self.often(7) else comma
        return text

    def key(self, node: ScalarNode) -> str:
        return f'"{in_double(node.value)}"' if self.often(8) else node.value

    def line(self, node: ScalarNode, *, in_braces: bool) -> str:
        """A plain scalar stays plain where it may: whether there are quotes says something."""
        if node.style is Style.PLAIN and may_be_plain(node.value, in_braces=in_braces):
            return node.value
        return f"'{in_single(node.value)}'" if self.often(2) else f'"{in_double(node.value)}"'

    def scalar(self, head: str, node: ScalarNode, indent: int, step: int) -> list[str]:
        if node.is_null:
            return [head + self.beside()]
        if is_on_a_line(node.value):
            text = self.line(node, in_braces=False)
            if self.often(8):
                return [head + self.beside(), f"{' ' * (indent + step)}{text}{self.beside()}"]
            return [f"{head}{' ' * self.draw(st.integers(1, 3))}{text}{self.beside()}"]
        text = node.value.rstrip("\n")
        if next((line for line in text.split("\n") if line), " ").startswith(" "):
            return [f"{head} {double_quoted(node.value)}{self.beside()}"]
        breaks = len(node.value) - len(text)
        chomping = "-" if breaks == 0 else "" if breaks == 1 else "+"
        pad = " " * (indent + step)
        return [f"{head} |{chomping}{self.beside()}", *(pad + line if line else "" for line in text.split("\n"))]


def _is_empty(node: MapNode | SeqNode) -> bool:
    return not (node.entries if isinstance(node, MapNode) else node.items)


def _is_short(node: Node) -> bool:
    match node:
        case MapNode(entries=entries):
            return all(_is_short(entry.value) and is_on_a_line(entry.key.value) for entry in entries)
        case SeqNode(items=items):
            return all(map(_is_short, items))
        case ScalarNode():
            return is_on_a_line(node.value) and len(node.value) < 60


@st.composite
def scrambled(draw: st.DrawFn, root: MapNode) -> tuple[str, tuple[str, ...]]:
    """Return the text and the comments in it."""
    hand = Hand(draw)
    lines = [*hand.loose(0), *hand.block(root, 0), *hand.loose(0)]
    ends = "" if hand.often(4) else "\n"
    return "\n".join(lines) + ends, tuple(hand.comments)
