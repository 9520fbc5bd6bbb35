"""Finding a person's name in a text however it is spelled: with other blanks or accents, or glued to a letter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

# A single word of fewer letters is a word of the language, too, unless it is written with a capital.
_PLAIN_LETTERS: Final = 3
_LEAST_LETTERS: Final = 2
_WORD: Final = re.compile(r"[^\W_]")
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Folded:
    """A text without case, accents and punctuation: its words with one blank between them. `places` says of each
    character of `text` which characters of `source` it stands for."""

    source: str
    text: str
    places: tuple[Range, ...]

    def origin(self, start: int, end: int) -> Range:
        return self.places[start][0], self.places[end - 1][1]


def fold(text: str) -> Folded:
    """`Kåre  O'Nordmann`  ->  `kare o nordmann`, with the place of each letter."""
    letters: list[str] = []
    places: list[Range] = []
    for at, sign in enumerate(text):
        plain = _plain(sign)
        if not plain and places and letters[-1] != " ":
            # A mark that stands behind its letter goes with it.
            places[-1] = (places[-1][0], at + 1)
        for letter in plain:
            if letter != " " or (letters and letters[-1] != " "):
                letters.append(letter)
                places.append((at, at + 1))
    return Folded(text, "".join(letters), tuple(places))


@lru_cache(maxsize=4_096)
def _plain(sign: str) -> str:
    """`É`  ->  `e`;  `,`  ->  a blank;  a mark that combines  ->  nothing"""
    parts = (part for part in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(part))
    return "".join(part.casefold() if _WORD.fullmatch(part) else " " for part in parts)


def folded(text: str) -> str:
    """Return the folded words of a text with one blank between them."""
    return fold(text).text.strip()


def squeezed(text: str) -> str:
    """Return the folded text without blanks: `kari.nordmann@acme.no`  ->  `karinordmannacmeno`"""
    return folded(text).replace(" ", "")


def has_no_case(word: str) -> bool:
    """Whether a word is of a script without capitals, in which words may stand side by side without a blank."""
    return any(unicodedata.category(sign) == "Lo" for sign in word)


def spellings(name: str) -> tuple[str, ...]:
    """Return the folded forms that name the same person: the name, and the surname where it has several words.

    `Kari Nordmann`  ->  (`kari nordmann`, `nordmann`);  a single letter names nobody
    """
    words = [form for word in name.split() if (form := folded(word))]
    if not words:
        return ()
    # A surname may itself be of two words: `Nygaard-Holm`.
    return tuple(form for form in dict.fromkeys((" ".join(words), words[-1])) if _is_telling(form))


def occurrences(text: Folded, form: str) -> Iterator[Range]:
    """Yield where a form stands in a folded text, as ranges of the original.

    A name of several words is found wherever its letters are, glued to others too. A single word is a word of the
    text, its genitive with `s` included, so that `Holm` is not found in `Stockholm`, nor `Do` in `we do`.
    """
    if " " in form or has_no_case(form):
        at = text.text.find(form)
        while at >= 0:
            yield text.origin(at, at + len(form))
            at = text.text.find(form, at + len(form))
        return
    for found in re.finditer(rf"(?<![^ ]){re.escape(form)}(?=s?(?: |$))", text.text):
        start, end = text.origin(*found.span())
        if len(form) >= _PLAIN_LETTERS or text.source[start].isupper():
            yield start, end


def _is_telling(word: str) -> bool:
    return has_no_case(word) or len(word) >= _LEAST_LETTERS
