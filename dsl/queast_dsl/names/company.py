"""A company's name: its words without legal form, and the legal form apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from queast_dsl.names.legal_forms import without_forms
from queast_dsl.names.words import MAX_READ, read_words

# Longest normal form in characters: no longer than what is read, or its normal form would be another.
MAX_NORMAL: Final = MAX_READ


@dataclass(frozen=True, slots=True)
class CompanyName:
    """`words` are plain lower-case letters and digits, in the order of the name; none where it has no letter.

    `forms` are canonical legal forms, sorted. `lookalike` is what a name in other letters than Latin ones looks like
    in those, None for a Latin name. `disguised` is the name as written where it mixes alphabets within a word, or has
    letters that are no alphabet's; None for an honest name.
    """

    words: tuple[str, ...]
    forms: tuple[str, ...] = ()
    lookalike: str | None = None
    disguised: str | None = None

    @property
    def normal(self) -> str:
        """The words as one text; the normal form of a normal form is itself."""
        return " ".join(self.words)


def read_company_name(text: str) -> CompanyName:
    """`The Acme Company, Ltd.`  ->  words `acme`, forms `co` and `ltd`. Never fails; at most MAX_NORMAL characters."""
    read = read_words(text)
    kept, forms = without_forms(_bounded(read.words))
    return CompanyName(kept, forms, read.lookalike, text[:MAX_READ] if read.is_disguised else None)


def _bounded(words: tuple[str, ...]) -> tuple[str, ...]:
    length = -1
    for place, word in enumerate(words):
        length += len(word) + 1
        if length > MAX_NORMAL:
            return words[:place] or (word[:MAX_NORMAL],)
    return words
