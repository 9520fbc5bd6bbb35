"""How much one value may take: repetitions, characters of a template, characters of a body. Checked as it grows.

The event and the mapping decide together how often a loop runs and how long its text gets, so no single limit of the
language bounds the product. Both back ends count alike; whichever of them meets a bound, the interpreter words it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from queast_compiler.codegen.analysis import kind_of
from queast_compiler.codegen.record import Failed
from queast_compiler.plan import ir
from queast_compiler.plan.canonical import dumps

MAX_REPETITIONS: Final = 10_000
MAX_TEMPLATE: Final = 65_536
MAX_BODY: Final = 262_144

# A value counts at least what it takes as JSON, and never more, so that nothing that fits is refused on the way. What
# counts so little needs no exact measure: a number has up to 24 characters and counts one, a control character has six.
_SURELY_FITS: Final = MAX_BODY // 32


class Room:
    """What is left of the bounds for one value; a new one is made for each evaluation."""

    __slots__ = ("characters", "repetitions")

    def __init__(self) -> None:
        self.repetitions = 0
        self.characters = 0

    def step(self) -> None:
        """Count one repetition of any loop of the value. Raises Failed."""
        self.repetitions += 1
        if self.repetitions > MAX_REPETITIONS:
            raise Failed(f"the value repeats something more than {MAX_REPETITIONS:,} times")

    def take(self, value: Any) -> Any:
        """Return a value that becomes part of a body, counted. Raises Failed."""
        self.charge(_size(value))
        return value

    def framed(self, characters: int, made: dict[str, Any]) -> dict[str, Any]:
        """Return an object of a body; its values counted already. Raises Failed."""
        self.charge(characters)
        return made

    def charge(self, characters: int) -> None:
        """Count characters of a body. Raises Failed."""
        self.characters += characters
        if self.characters > MAX_BODY:
            raise too_large()


def too_large() -> Failed:
    """The failure of a body past its bound."""
    return Failed(f"the body is larger than {MAX_BODY // 1024} KiB")


def too_long() -> Failed:
    """The failure of a template past its bound."""
    return Failed(f"the text of the template is longer than {MAX_TEMPLATE:,} characters")


def within(text: str) -> str:
    """Return a part of a template's text. Raises Failed where it is too long already."""
    if len(text) > MAX_TEMPLATE:
        raise too_long()
    return text


def each(body: Callable[..., Any], items: Sequence[Any], room: Room, *scope: Any) -> list[Any]:
    """Return `body` of each item; what is in scope around the loop is handed on. Raises Failed."""
    found = []
    for item in items:
        room.step()
        found.append(body(*scope, item))
    return found


def repeat(body: Callable[..., str], items: Sequence[Any], room: Room, limit: int, *scope: Any) -> str:
    """Return the texts of `body` for at most `limit` items, joined. Raises Failed."""
    texts = []
    length = 0
    for item in items[:limit]:
        room.step()
        text = body(*scope, item)
        length += len(text)
        if length > MAX_TEMPLATE:
            raise too_long()
        texts.append(text)
    return "".join(texts)


def frame(entries: Sequence[tuple[str, ir.Expr]]) -> int:
    """Return what an object counts in a body without the values that count where they are made."""
    return 2 + sum(len(name) + (3 if is_counted(value) else 4) for name, value in entries)


def is_counted(expr: ir.Expr) -> bool:
    """Say whether the value of a part of a body counts where it is made.

    Objects and loops count what is in them, and what is always short counts with its object.
    """
    return not isinstance(expr, ir.MakeObj | ir.Each) and kind_of(expr) not in (
        "int",
        "num",
        "bool",
        "date",
        "datetime",
    )


def checked_body(value: Any) -> Any:
    """Return a finished body in JSON's types. Raises Failed where it is larger than a destination takes."""
    if _size(value) > _SURELY_FITS and len(dumps(value)) > MAX_BODY:
        raise too_large()
    return value


def _size(value: Any) -> int:
    match value:
        case str():
            return len(value) + 2
        case list():
            return sum(map(_size, value), 2)
        case dict():
            return sum((len(key) + 3 + _size(item) for key, item in value.items()), 2)
        case _:
            return 1
