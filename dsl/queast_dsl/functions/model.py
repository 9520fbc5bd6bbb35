"""What a function of the language is: one frozen value with everything about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

MAX_TEXT = 65_536
MAX_ITEMS = 1_000
# An integer is at least -INT_BOUND and below INT_BOUND.
INT_BOUND = 2**63

Accepts = Literal[
    "str", "int", "num", "bool", "date", "datetime", "moment", "scalar", "list", "list_str", "list_num", "any"
]
# `same`: the type of the first argument; `item`: that of its items.
Returns = Literal["str", "int", "num", "bool", "date", "datetime", "list_str", "same", "item"]
Bound = Literal["fixed", "input", "text"]
Value = Any


class FunctionError(ValueError):
    """A value that the function cannot work on, e.g. text that is no date. `reason` has no value of the event in it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Param:
    """`default` is used where an optional argument is left out. `variadic` (last one only) takes one or more. A
    `literal` one must be written out in the mapping, so that it is checked when the mapping is compiled: `check`
    raises FunctionError for a value that no event could make right; it is asked of whatever is written out. `steps`
    says how much work that is, in tenths of a microsecond, where it depends on more than the length."""

    name: str
    accepts: Accepts
    optional: bool = False
    default: str | int | bool | None = None
    variadic: bool = False
    literal: bool = False
    check: Callable[[Any], None] | None = None
    steps: Callable[[Any], int] | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """An expression and what it gives, run as a test."""

    expression: str
    result: Value


@dataclass(frozen=True, slots=True)
class Cleared:
    """What a declassifier takes the person out of: a field as it stands, never a computed value.

    A computed value can carry anything into the shape of an e-mail address or a number. The field has this `format`
    (where one is given), one of these names (where any is), is a number where `numeric`; the argument after it, where
    `at_least` is given, is written out and no smaller.
    """

    labels: frozenset[str]
    format: str | None = None
    fields: frozenset[str] = frozenset()
    numeric: bool = False
    at_least: int | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """`python` takes the arguments in signature order and raises FunctionError only (never, where `total`).

    `lifts`: a null in a required argument gives null without a call. `nullable_result`: may give null without one.
    `declassifies`: labels that the result no longer has, and of which fields. `bound`: how long a text can come out:
    `fixed`, no longer than its `input`, or up to MAX_TEXT (`text`), past which it fails. Where that is known more
    closely (as it always is of a `total` one, which cannot fail), `grows` says how many characters come out at most for
    each one of the first argument, `least` how many may come out even of an empty one, and `max_length` how many at
    all. `format` is that of a text result.
    """

    name: str
    topic: str
    params: tuple[Param, ...]
    returns: Returns
    python: Callable[..., Value]
    doc: str
    examples: tuple[Example, ...]
    lifts: bool = True
    total: bool = True
    nullable_result: bool = False
    declassifies: Cleared | None = None
    bound: Bound = "input"
    format: str | None = None
    max_length: int | None = None
    grows: int | None = None
    least: int = 0

    @property
    def signature(self) -> str:
        """`truncate(text: str, length: int, ending: str = '…') -> str`."""
        parts = []
        for param in self.params:
            text = f"{'*' if param.variadic else ''}{param.name}: {param.accepts}"
            parts.append(f"{text} = {param.default!r}" if param.optional else text)
        return f"{self.name}({', '.join(parts)}) -> {self.returns}{'?' if self.nullable_result else ''}"

    @property
    def required(self) -> int:
        return sum(not param.optional for param in self.params)


def bounded(text: str) -> str:
    """Return a text that may have grown, or refuse it past MAX_TEXT characters."""
    if len(text) > MAX_TEXT:
        raise FunctionError(f"the result is longer than {MAX_TEXT} characters")
    return text
