"""A person's name: its parts in plain lower-case letters, without titles, in no order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from queast_dsl.names.words import read_words

_TITLES: Final = frozenset(
    {"dr", "prof", "mr", "mrs", "ms", "miss", "herr", "frau", "fru", "ing", "dipl", "mag", "sir", "mme", "phd", "mba"}
    | {"msc", "bsc", "md", "jr", "sr", "ii", "iii", "cpa", "esq"}
)


@dataclass(frozen=True, slots=True)
class PersonName:
    """`parts` in the order written; a single letter is an initial. `is_disguised`: a part mixes alphabets."""

    parts: tuple[str, ...]
    is_disguised: bool = False


def read_person_name(text: str) -> PersonName:
    """`Dr. Kari A. Nordmann`  ->  kari, a, nordmann; `Nordmann, Kari`  ->  the same parts in another order."""
    parts: list[str] = []
    is_disguised = False
    # Chunk by chunk, or initials in a row would be read as one word.
    for chunk in text[:256].replace(".", " ").replace(",", " ").split()[:16]:
        read = read_words(chunk)
        parts += read.words
        is_disguised |= read.is_disguised
    kept = tuple(part for part in parts if part not in _TITLES)
    return PersonName(kept or tuple(parts), is_disguised)
