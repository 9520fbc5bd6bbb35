"""Telling an e-mail address in a text from words that may leave and only read like one when they stand side by side.

    kari.nordmann@acme.no     is the address
    Kari Nordmann (acme.no)   is a name that was granted, then a domain

Folded, both are `kari nordmann acme no`. Only who reads the marks between the words sees the difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address that must not leave, and what may (`spelled`), of which its first half may be put together."""

    value: str
    may_leave: str

    def stands_in(self, text: str) -> bool:
        """Whether a text in which the address was found says it: in one place, at least, it is more than a likeness."""
        said, own = _Letters.of(text), _Letters.of(self.value)
        before_at = _Letters.of(self.value.rpartition("@")[0]).count
        found = list(said.places_of(own))
        return not found or not all(self._is_likeness(said, own, at, before_at) for at in found)

    def _is_likeness(self, said: _Letters, own: _Letters, start: int, before_at: int) -> bool:
        """Whether the letters from `start` on are whole words that may leave, then the domain, and no `@` joins them.

        Marks that are the address' own hold letters together, so that an address with another sign for its `@` is one
        still; other marks stand between values, and a mark left out is none. The domain may be told, with its dots.
        """
        marks = [(said.mark(start + at), own.mark(at)) for at in range(own.count - 1)]
        if not 0 < before_at < own.count or "@" in marks[before_at - 1][0]:
            return False
        if any(mark != its_own for mark, its_own in marks[before_at:]):
            return False
        seams = [at + 1 for at, (mark, its_own) in enumerate(marks[: before_at - 1]) if mark != its_own]
        if not all(marks[seam - 1][0] for seam in seams):
            return False
        edges = [0, *seams, before_at]
        pieces = (said.between(start + one, start + other) for one, other in pairwise(edges))
        return all(_is_word_of(spelled(piece), self.may_leave) for piece in pieces)


def spelled(text: str) -> str:
    """Return a text without case and accents, but with every mark: what may leave is looked up in it."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return plain.casefold()


def lines_of(texts: Iterable[str]) -> str:
    """Return what the texts spell, a line each."""
    return "\n".join(spelled(text) for text in texts)


def _is_word_of(piece: str, lines: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", lines) is not None


@dataclass(frozen=True, slots=True)
class _Letters:
    """The plain letters and digits of a text, each with the place that it has in the text, from and to."""

    source: str
    text: str
    places: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, text: str) -> _Letters:
        found = [
            (letter, (at, at + 1))
            for at, sign in enumerate(text)
            for letter in unicodedata.normalize("NFKD", sign).casefold()
            if letter.isalnum()
        ]
        return cls(text, "".join(letter for letter, _ in found), tuple(place for _, place in found))

    @property
    def count(self) -> int:
        return len(self.text)

    def places_of(self, other: _Letters) -> Iterator[int]:
        at = self.text.find(other.text)
        while at >= 0:
            yield at
            at = self.text.find(other.text, at + 1)

    def mark(self, at: int) -> str:
        """Return what stands between a letter and the next."""
        return self.source[self.places[at][1] : self.places[at + 1][0]]

    def between(self, start: int, end: int) -> str:
        """Return the text from one letter on, up to but without another."""
        return self.source[self.places[start][0] : self.places[end - 1][1]]
