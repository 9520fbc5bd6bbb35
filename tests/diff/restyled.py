"""The same YAML in another dress: comments, blank lines, order of keys, quotes, flow and block style, by chance."""

from __future__ import annotations

import random

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_TEXT = "tag:yaml.org,2002:str"
_REMARKS = ("# checked", "#", "# routes: {none: here}", "# 'quoted' \"text\" | and {more}")


def restyled(text: str, chance: random.Random) -> str:
    """Return a text that loads as the same values."""
    root = yaml.compose(text)
    _restyle(root, chance)
    written = yaml.serialize(root, width=1_000_000, indent=chance.choice((2, 4)), allow_unicode=True)
    return _with_comments(written, chance)


def _restyle(node: Node | None, chance: random.Random) -> None:
    match node:
        case ScalarNode(tag=tag) if tag == _TEXT and node.style not in ("|", ">"):
            # What has quotes keeps some. A single word with quotes is refused where an expression stands: QM037.
            may_have = node.style or (chance.random() < 0.3 and not node.value.isidentifier())
            node.style = chance.choice("'\"") if may_have else None
        case SequenceNode():
            node.flow_style = chance.random() < 0.5
            for each in node.value:
                _restyle(each, chance)
        case MappingNode():
            node.flow_style = chance.random() < 0.3 and not _has_block(node)
            chance.shuffle(node.value)
            for key, value in node.value:
                _restyle(value, chance)
                if chance.random() < 0.2 and key.tag == _TEXT:
                    key.style = '"'
        case _:
            pass


def _has_block(node: Node) -> bool:
    """Whether a text in a block (`|`) stands inside, which has no place in flow style."""
    match node:
        case ScalarNode():
            return node.style in ("|", ">")
        case SequenceNode(value=items):
            return any(map(_has_block, items))
        case MappingNode(value=pairs):
            return any(_has_block(value) for _, value in pairs)
        case _:
            return False


def _with_comments(text: str, chance: random.Random) -> str:
    within = _inside_texts(yaml.compose(text))
    lines: list[str] = []
    for number, line in enumerate(text.splitlines()):
        if number not in within:
            if chance.random() < 0.15:
                lines.append(chance.choice(("", "  ", f"{' ' * chance.randrange(4)}{chance.choice(_REMARKS)}")))
            if chance.random() < 0.15 and number + 1 not in within:
                line = f"{line}   {chance.choice(_REMARKS)}"
        lines.append(line)
    # A text in a block ends with the line's end.
    return "\n".join(lines) + chance.choice(("\n", "\n\n# the end\n") if within else ("", "\n\n\n# the end"))


def _inside_texts(node: Node | None) -> set[int]:
    """The lines of texts in blocks, where a comment would be text."""
    match node:
        case ScalarNode():
            return set(range(node.start_mark.line, node.end_mark.line + 1)) if node.style in ("|", ">") else set()
        case SequenceNode(value=items):
            return set().union(*map(_inside_texts, items))
        case MappingNode(value=pairs):
            return set().union(*(_inside_texts(value) for _, value in pairs))
        case _:
            return set()
