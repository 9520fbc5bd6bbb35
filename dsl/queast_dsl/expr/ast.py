"""The expression tree: a closed union of frozen nodes. `at` is where a node stands in the text, as offsets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ArithOp = Literal["+", "-", "*", "/", "%"]
CompareOp = Literal["==", "!=", "<", "<=", ">", ">="]
Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Range:
    """Characters `start` to `end` (exclusive) of the expression's text."""

    start: int
    end: int


NOWHERE = Range(0, 0)


@dataclass(frozen=True, slots=True)
class Constant:
    value: Scalar
    at: Range = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A word that stands for a root or a loop variable; as an argument also for a table."""

    text: str
    at: Range = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Member:
    """`of.name`. `name_at` is the place of the name alone."""

    of: Node
    name: str
    name_at: Range = field(default=NOWHERE, compare=False)
    at: Range = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Index:
    """`of[n]`, counted from 0."""

    of: Node
    n: int
    at: Range = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Project:
    """`of[]`: what follows is read from each item."""

    of: Node
    at: Range = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ListOf:
    items: tuple[Node, ...]
    at: Range = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Named:
    """`else = value`."""

    name: str
    value: Node
    at: Range = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Arm:
    """`'a' = value` in `case`."""

    key: Constant
    value: Node
    at: Range = field(default=NOWHERE, compare=False)


Argument = Named | Arm


@dataclass(frozen=True, slots=True)
class Call:
    """`fn(args, named…)`. `x | fn(a)` is `fn(x, a)` with `piped` set; `fn_at` is the place of the function's name."""

    fn: str
    args: tuple[Node, ...]
    named: tuple[Argument, ...] = ()
    piped: bool = False
    fn_at: Range = field(default=NOWHERE, compare=False)
    at: Range = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Fallback:
    """`a ?? b ?? c`: two or more."""

    args: tuple[Node, ...]
    at: Range = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    args: tuple[Node, ...]
    at: Range = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    args: tuple[Node, ...]
    at: Range = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    of: Node
    at: Range = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Minus:
    of: Node
    at: Range = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Arith:
    op: ArithOp
    left: Node
    right: Node
    at: Range = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    op: CompareOp
    left: Node
    right: Node
    at: Range = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class In:
    """`item in items`; `item not in items` with `negated`."""

    item: Node
    items: Node
    negated: bool = False
    at: Range = field(default=NOWHERE, compare=False)


Node = (
    Constant
    | Name
    | Member
    | Index
    | Project
    | ListOf
    | Call
    | Fallback
    | And
    | Or
    | Not
    | Minus
    | Arith
    | Compare
    | In
)
