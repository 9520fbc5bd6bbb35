"""Functions with regular expressions, run by RE2: time grows with the length of the text only, whatever the pattern."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, Protocol, cast

from queast_dsl.functions.model import MAX_TEXT, Example, Function, FunctionError, Param

MAX_PATTERN = 512
# What RE2 may spend on one compiled pattern, in bytes; a pattern that needs more is refused.
_MEMORY = 1 << 20


class Found(Protocol):
    def start(self) -> int: ...
    def end(self) -> int: ...
    def group(self, number: int, /) -> str | None: ...


class Compiled(Protocol):
    @property
    def groups(self) -> int: ...

    def search(self, text: str, /) -> Found | None: ...
    def finditer(self, text: str, /) -> Iterator[Found]: ...


@lru_cache(maxsize=1_024)
def compiled(pattern: str) -> Compiled:
    """Return a pattern ready to search with; FunctionError says what is wrong with it.

    RE2's syntax: no look-around and no references back, which is what lets it promise linear time.
    """
    # Only mappings with patterns pay for loading the library.
    import re2

    if len(pattern) > MAX_PATTERN:
        raise FunctionError(f"the pattern is longer than {MAX_PATTERN} characters")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        # The library ships no types; a checker that reads its source finds arguments that it never needs here.
        made = cast(Compiled, re2.compile(_checked(pattern), options))
    except re2.error as error:
        said: Any = error.args[0] if error.args else "it cannot be read"
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise FunctionError(f"the pattern is refused: {words}") from None
    return made


def check_pattern(pattern: str) -> None:
    """Raise FunctionError for a pattern that cannot be used."""
    compiled(pattern)


def _checked(text: str) -> str:
    # Half of a pair cannot be written as UTF-8, which is what RE2 reads.
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise FunctionError("the text holds half of a character pair")
    return text


def _matches(text: str, pattern: str) -> bool:
    return compiled(pattern).search(_checked(text)) is not None


def _extract(text: str, pattern: str) -> str | None:
    expression = compiled(pattern)
    found = expression.search(_checked(text))
    if found is None:
        return None
    return found.group(1 if expression.groups else 0)


def _replace_pattern(text: str, pattern: str, new: str) -> str:
    parts = list(_replaced(text, pattern, new))
    return "".join(parts)


def _replaced(text: str, pattern: str, new: str) -> Iterator[str]:
    """The parts of the result, counted while they are made: a short pattern could make gigabytes of a long text."""
    room, position = MAX_TEXT, 0
    for found in compiled(pattern).finditer(_checked(text)):
        kept = text[position : found.start()]
        room -= len(kept) + len(new)
        if room < 0:
            break
        yield kept
        yield new
        position = found.end()
    if room < len(text) - position:
        raise FunctionError(f"the result is longer than {MAX_TEXT} characters")
    yield text[position:]


_TEXT: Final = Param("text", "str")
_PATTERN: Final = Param("pattern", "str", literal=True, check=check_pattern)

FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        "matches",
        "patterns",
        (_TEXT, _PATTERN),
        "bool",
        _matches,
        "Whether a regular expression (RE2) occurs in the text; `^` and `$` hold it to the ends.",
        (Example("matches('NO-1234', '^[A-Z]{2}-[0-9]+$')", True),),
        total=False,
    ),
    Function(
        "extract",
        "patterns",
        (_TEXT, _PATTERN),
        "str",
        _extract,
        "The first occurrence of a regular expression (RE2), or of its first group; null where there is none.",
        (Example("extract('order 4711 of May', '([0-9]+)')", "4711"),),
        total=False,
        nullable_result=True,
    ),
    Function(
        "replace_pattern",
        "patterns",
        (_TEXT, _PATTERN, Param("new", "str")),
        "str",
        _replace_pattern,
        "Every occurrence of a regular expression (RE2) replaced by a text, which stands for itself.",
        (Example("replace_pattern('a1b22', '[0-9]+', '#')", "a#b#"),),
        total=False,
        bound="text",
    ),
)
