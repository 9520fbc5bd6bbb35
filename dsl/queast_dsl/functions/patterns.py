"""Functions with regular expressions, run by RE2: time grows with the length of the text only, whatever the pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, Protocol, cast

from queast_dsl.functions.model import MAX_TEXT, Example, Function, FunctionError, Param

MAX_PATTERN = 512
# What RE2 may hold of one pattern, in bytes: its program and the states that it remembers while it searches. Nearly
# every pattern people write needs less than 8 KiB (`^[A-Z]{2}-[0-9]+$` less than one), one with letters of all scripts
# (`\pL+`) 32; what needs more than the larger bound, such as `[\pL]{15}`, is refused. The bounds times the numbers
# are all that a process holds of patterns, whatever mappings it has seen: 32 MiB of small ones and 16 MiB of large,
# and what the library itself keeps of the last 128.
_SMALL: Final = (64 << 10, 512)
_LARGE: Final = (256 << 10, 64)
# Up to so many instructions a small one leaves room for the states.
_SMALL_PROGRAM: Final = 1_500
# What compiling takes, in tenths of a microsecond: measured at 0.25 us an instruction and 70 us a class of Unicode; one
# that is refused has cost about what _REFUSED instructions do.
_BASE_STEPS: Final = 300
_INSTRUCTION_STEPS: Final = 3
_CLASS_STEPS: Final = 750
_REFUSED: Final = 4_000
_HALF: Final = "the text holds half of a character pair"
_UNICODE_CLASS: Final = re.compile(r"\\p", re.IGNORECASE)


class Found(Protocol):
    def start(self) -> int: ...
    def end(self) -> int: ...
    def group(self, number: int, /) -> str | None: ...


class Compiled(Protocol):
    @property
    def groups(self) -> int: ...
    @property
    def programsize(self) -> int: ...

    def search(self, text: str, /) -> Found | None: ...
    def finditer(self, text: str, /) -> Iterator[Found]: ...


def compiled(pattern: str) -> Compiled:
    """Return a pattern ready to search with; FunctionError says what is wrong with it.

    RE2's syntax: no look-around and no references back, which is what lets it promise linear time.
    """
    found = _small(pattern) or _large(pattern)
    if isinstance(found, str):
        raise FunctionError(found)
    return found


@lru_cache(maxsize=_SMALL[1])
def _small(pattern: str) -> Compiled | None:
    """Return a pattern that runs well in little memory, None for one that does not."""
    made = _made(pattern, _SMALL[0])
    return made if not isinstance(made, str) and made.programsize <= _SMALL_PROGRAM else None


@lru_cache(maxsize=_LARGE[1])
def _large(pattern: str) -> Compiled | str:
    """Return any other, or what is wrong with it: a cache keeps no exceptions."""
    return _made(pattern, _LARGE[0])


def _made(pattern: str, memory: int) -> Compiled | str:
    # Only mappings with patterns pay for loading the library.
    import re2

    if len(pattern) > MAX_PATTERN:
        return f"the pattern is longer than {MAX_PATTERN} characters"
    if _has_half_a_pair(pattern):
        return _HALF
    options = re2.Options()
    options.log_errors = False
    options.max_mem = memory
    try:
        # The library ships no types; a checker that reads its source finds arguments that it never needs here.
        return cast(Compiled, re2.compile(pattern, options))
    except re2.error as error:
        said: Any = error.args[0] if error.args else "it cannot be read"
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        return f"the pattern is refused: {words}"


def pattern_steps(pattern: str) -> int:
    """Return how much work it is to compile a pattern, in tenths of a microsecond.

    `^[A-Z]{2}-[0-9]+$`  ->  321;  `[\\pL]{3}`  ->  11,835
    """
    try:
        size = compiled(pattern).programsize
    except FunctionError:
        size = _REFUSED
    classes = len(_UNICODE_CLASS.findall(pattern[:MAX_PATTERN]))
    return _BASE_STEPS + _INSTRUCTION_STEPS * size + _CLASS_STEPS * classes


def check_pattern(pattern: str) -> None:
    """Raise FunctionError for a pattern that cannot be used."""
    compiled(pattern)


def _checked(text: str) -> str:
    if _has_half_a_pair(text):
        raise FunctionError(_HALF)
    return text


def _has_half_a_pair(text: str) -> bool:
    """Half of a pair cannot be written as UTF-8, which is what RE2 reads."""
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


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
_PATTERN: Final = Param("pattern", "str", literal=True, check=check_pattern, steps=pattern_steps)

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
