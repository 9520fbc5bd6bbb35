"""A document with its comments where they belong, before it is written."""

from __future__ import annotations

from dataclasses import dataclass, field

from queast_dsl.loading.nodes import Node, ScalarNode, Step


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment on a line of its own; `is_apart` where an empty line stands before it."""

    text: str
    is_apart: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """A comment at the end of a line, `gap` blanks behind what it is about."""

    text: str
    gap: int


@dataclass(slots=True)
class Item:
    """An entry of a mapping, or an item of a list, which has no key.

    `above` are the comments before it, `after` those below it that are indented more. `inner` is what is written out
    line by line; where it is None the value is one scalar, or braces that stay.
    """

    path: tuple[Step, ...]
    key: ScalarNode | None
    value: Node
    above: list[Remark]
    is_apart: bool
    beside: Beside | None = None
    header: str | None = None
    inner: Block | None = None
    after: list[Remark] = field(default_factory=list)


@dataclass(slots=True)
class Block:
    """The entries of a mapping or the items of a list in the file's order; `below` are comments after the last."""

    path: tuple[Step, ...]
    items: list[Item] = field(default_factory=list)
    below: list[Remark] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    """A whole file. `top` are the comments that belong to the file rather than to its first entry."""

    root: Block
    top: list[Remark] = field(default_factory=list)
    is_top_apart: bool = False
    has_start_mark: bool = False
