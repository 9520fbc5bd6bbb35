"""Where any value came from: a file and a range of characters in it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T", covariant=True)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A text file as read: `path` as shown to people (relative to the root), `text` decoded.

    `hidden` are ranges of characters that are never shown, in order: what stands where a credential belongs.
    """

    path: str
    text: str = field(repr=False)
    hidden: tuple[tuple[int, int], ...] = field(default=(), repr=False, compare=False)
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0]
        position = self.text.find("\n")
        while position != -1:
            starts.append(position + 1)
            position = self.text.find("\n", position + 1)
        object.__setattr__(self, "_starts", tuple(starts))

    def position(self, offset: int) -> tuple[int, int]:
        """Return (line, column) of a character offset, both from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """Return a line (from 1) as it may be shown, without its line break; empty past the end."""
        if not 1 <= line <= len(self._starts):
            return ""
        start = self._starts[line - 1]
        end = self._starts[line] - 1 if line < len(self._starts) else len(self.text)
        text = self.text[start:end].rstrip("\r")
        for first, last in self.hidden:
            if first < end and last > start:
                left, right = max(first - start, 0), min(last - start, len(text))
                text = text[:left] + "x" * (right - left) + text[right:]
        return text


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive, from 0) of a file."""

    file: SourceFile
    start: int
    end: int

    @property
    def line(self) -> int:
        return self.file.position(self.start)[0]

    @property
    def column(self) -> int:
        return self.file.position(self.start)[1]

    @property
    def end_line(self) -> int:
        return self.file.position(self.end)[0]

    @property
    def end_column(self) -> int:
        return self.file.position(self.end)[1]

    def part(self, start: int, end: int) -> Span:
        """Return the span of characters `start` to `end` counted from this span's start."""
        return Span(self.file, self.start + start, self.start + end)


@dataclass(frozen=True, slots=True)
class Located(Generic[T]):
    """A value and where it stands."""

    value: T
    span: Span


@dataclass(frozen=True, slots=True)
class SourceText:
    """Text of a YAML scalar and, for each of its characters, where that character stands in the file.

    A plain scalar is contiguous (`offsets is None`); quoted scalars with escapes and block scalars are not:
    there `offsets[i]` is the file offset of `text[i]` (and `offsets[len(text)]` the end).
    """

    text: str
    span: Span
    offsets: tuple[int, ...] | None = None

    def at(self, start: int, end: int) -> Span:
        """Return the file span of `text[start:end]`."""
        if self.offsets is None:
            return self.span.part(start, end)
        first = self.offsets[min(start, len(self.text))]
        last = self.offsets[min(max(end - 1, start), len(self.text))] + (1 if end > start else 0)
        return Span(self.span.file, first, max(first, last))
