"""Which records may have a company's name: an inverted index over words, the rarest looked up first.

A name that shares enough weight with another shares one of its rarest words, so that the lists of common ones
("group", "university") are hardly ever read. All is kept in arrays and interned: about 300 bytes a record.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from queast_dsl.names.synonyms import JOINING, SYNONYMS
from queast_runtime.matching.companies import DOMAIN_MARK, Company, IndexRow
from queast_runtime.matching.fuzzy import SUPPORTED_FLOOR, Thresholds
from queast_runtime.matching.name_score import weight

_NOTHING: Final = 0xFFFFFFFF
# Sums of the same weights in another order differ by less.
_SLACK: Final = 1e-6
# Words of records that were replaced are swept out once they are so many, and as many as those in use.
_LEAST_SWEPT: Final = 10_000

# A list of records: one alone is kept as it is, most words have no more.
_Posting: TypeAlias = "int | array[int]"


class _Interned:
    """Values and their numbers, in both directions. Number 0 is that of None."""

    __slots__ = ("numbers", "values")

    def __init__(self) -> None:
        self.values: list[str | None] = [None]
        self.numbers: dict[str | None, int] = {None: 0}

    def number(self, value: str | None) -> int:
        found = self.numbers.get(value)
        if found is None:
            found = self.numbers[value] = len(self.values)
            self.values.append(value)
        return found


class CompanyIndex:
    """Rows by the tokens of their names and by domain. `put` adds or replaces, `remove` removes, in place; what
    `candidates` gives is the same as if the index had been made anew. It is a `Rarity` too. Not for several threads."""

    def __init__(self, rows: Iterable[IndexRow] = ()) -> None:
        self._words: list[str] = []
        self._word_numbers: dict[str, int] = {}
        # What a word says, by the number of the word: the number of a token (itself a word), or _NOTHING.
        self._says = array("I")
        self._postings: list[_Posting | None] = []
        self._domains: dict[str, _Posting] = {}
        self._slots: dict[str, int] = {}
        self._ids: list[str | None] = []
        self._free: list[int] = []
        # The words of all rows, one row after the other; where a row begins, and how many words it has.
        self._flat = array("I")
        self._starts = array("I")
        self._lengths = array("H")
        self._swept_at = _LEAST_SWEPT
        self._stale = 0
        self._forms = _Interned()
        self._places = _Interned()
        self._forms_of = array("I")
        self._countries = array("I")
        self._cities = array("I")
        self._domain_of: list[str | None] = []
        # Lookalike and disguised, of the few names that have any.
        self._odd: dict[int, tuple[str | None, str | None]] = {}
        for row in rows:
            self.put(row)

    @property
    def count(self) -> int:
        return len(self._slots)

    def __contains__(self, record: object) -> bool:
        return record in self._slots

    def frequency(self, token: str) -> int:
        """Return how many rows have a token, or a domain behind DOMAIN_MARK."""
        if token.startswith(DOMAIN_MARK):
            found = self._domains.get(token[1:])
        else:
            number = self._word_numbers.get(token)
            found = None if number is None else self._postings[number]
        return 0 if found is None else 1 if isinstance(found, int) else len(found)

    def put(self, row: IndexRow) -> None:
        """Add a row; one of the same id gives way to it."""
        if row.id in self._slots:
            self.remove(row.id)
        company = row.company
        slot = self._free.pop() if self._free else self._new_slot()
        self._slots[row.id] = slot
        self._ids[slot] = row.id
        numbers = self._word_numbers
        says = self._says
        words = [numbers[word] if word in numbers else self._new_word(word) for word in company.words]
        self._starts[slot] = len(self._flat)
        self._lengths[slot] = len(words)
        self._flat.extend(words)
        for token in self._tokens(words, says):
            posting = self._postings[token]
            self._postings[token] = slot if posting is None else _with(posting, slot)
        if company.domain is not None:
            known = self._domains.get(company.domain)
            self._domains[company.domain] = slot if known is None else _with(known, slot)
        self._domain_of[slot] = company.domain
        self._forms_of[slot] = self._forms.number(" ".join(company.forms) or None)
        self._countries[slot] = self._places.number(company.country)
        self._cities[slot] = self._places.number(company.city)
        if company.lookalike is not None or company.disguised is not None:
            self._odd[slot] = company.lookalike, company.disguised

    def remove(self, record: str) -> None:
        """Take a row out. Raises KeyError where there is none of this id."""
        slot = self._slots.pop(record)
        for token in self._tokens(self._words_of(slot), self._says):
            self._postings[token] = _without(self._postings[token], slot)
        domain = self._domain_of[slot]
        if domain is not None:
            left = _without(self._domains[domain], slot)
            if left is None:
                del self._domains[domain]
            else:
                self._domains[domain] = left
        self._odd.pop(slot, None)
        self._ids[slot] = None
        self._stale += self._lengths[slot]
        self._lengths[slot] = 0
        self._free.append(slot)
        if self._stale > self._swept_at:
            self._sweep()

    def rows(self) -> Iterator[IndexRow]:
        """Yield every row, as it was put in; an index made of them gives the same candidates."""
        for slot in self._slots.values():
            yield self._row(slot)

    def row(self, record: str) -> IndexRow:
        """Return one row. Raises KeyError where there is none of this id."""
        return self._row(self._slots[record])

    def candidates(self, ours: Company, thresholds: Thresholds) -> list[IndexRow]:
        """Return every row that may score `thresholds.review` or more, few others, in no order."""
        by_name = self._near(ours, thresholds.review)
        if thresholds.scoring == "supported":
            if ours.city is not None and ours.country is not None and thresholds.review > SUPPORTED_FLOOR:
                by_name |= self._near(ours, SUPPORTED_FLOOR, self._places.numbers.get(ours.city))
            if ours.domain is not None and isinstance(alone := self._domains.get(ours.domain), int):
                by_name.add(alone)
        return [self._row(slot) for slot in by_name]

    def _near(self, ours: Company, floor: float, city: int | None = 0) -> set[int]:
        """Return slots of names whose plain score is `floor` or more; with a city only those in it."""
        if city is None:
            return set()
        count = len(self._slots)
        weighed: list[tuple[float, int]] = []
        total = 0.0
        for token in ours.tokens:
            number = self._word_numbers.get(token)
            posting = None if number is None else self._postings[number]
            frequency = 0 if posting is None else 1 if isinstance(posting, int) else len(posting)
            each = weight(count, frequency)
            total += each
            if number is not None and frequency:
                weighed.append((each, number))
        weighed.sort(reverse=True)
        # Twice what is common over the weight of both names is the score, and theirs weighs what is common at least.
        needed = floor * total / (2 - floor) - _SLACK
        rest = sum(each for each, _ in weighed)
        mine = {number: each for each, number in weighed}
        cities = self._cities
        seen: set[int] = set()
        near: set[int] = set()
        for each, number in weighed:
            if rest < needed:
                break
            rest -= each
            posting = self._postings[number]
            slots: Iterable[int] = (posting,) if isinstance(posting, int) else posting or ()
            if city:
                slots = [slot for slot in slots if cities[slot] == city]
            for slot in slots:
                if slot not in seen:
                    seen.add(slot)
                    if self._scores(slot, mine, total, floor, needed):
                        near.add(slot)
        return near

    def _scores(self, slot: int, mine: dict[int, float], total: float, floor: float, needed: float) -> bool:
        common = 0.0
        others: list[int] = []
        tokens = self._tokens(self._words_of(slot), self._says)
        for token in tokens:
            each = mine.get(token)
            if each is None:
                others.append(token)
            else:
                common += each
        if common < needed:
            return False
        most = 2 * common / (floor - _SLACK) - total - common
        count = len(self._slots)
        for token in others:
            posting = self._postings[token]
            most -= weight(count, 1 if isinstance(posting, int) else len(posting or ()))
            if most < 0:
                return False
        return most >= 0

    def _tokens(self, words: Iterable[int], says: array[int]) -> Iterable[int]:
        tokens = {says[word] for word in words}
        tokens.discard(_NOTHING)
        return tokens or set(words)

    def _words_of(self, slot: int) -> array[int]:
        start = self._starts[slot]
        return self._flat[start : start + self._lengths[slot]]

    def _row(self, slot: int) -> IndexRow:
        record = self._ids[slot]
        if record is None:
            raise KeyError(slot)
        lookalike, disguised = self._odd.get(slot, (None, None))
        forms = self._forms.values[self._forms_of[slot]]
        return IndexRow(
            record,
            Company(
                tuple([self._words[word] for word in self._words_of(slot)]),
                tuple(forms.split(" ")) if forms else (),
                self._places.values[self._countries[slot]],
                self._places.values[self._cities[slot]],
                self._domain_of[slot],
                lookalike,
                disguised,
            ),
        )

    def _new_word(self, word: str) -> int:
        number = self._word_numbers[word] = len(self._words)
        self._words.append(word)
        self._postings.append(None)
        self._says.append(number)
        if word in JOINING:
            self._says[number] = _NOTHING
        elif (said := SYNONYMS.get(word, word)) != word:
            known = self._word_numbers.get(said)
            self._says[number] = self._new_word(said) if known is None else known
        return number

    def _new_slot(self) -> int:
        self._ids.append(None)
        self._domain_of.append(None)
        for column in (self._starts, self._lengths, self._forms_of, self._countries, self._cities):
            column.append(0)
        return len(self._ids) - 1

    def _sweep(self) -> None:
        """Close the gaps that rows left behind. Words that nobody has any more stay: they come back."""
        flat = array("I")
        for slot in self._slots.values():
            words = self._words_of(slot)
            self._starts[slot] = len(flat)
            flat.extend(words)
        self._flat = flat
        self._stale = 0
        self._swept_at = max(_LEAST_SWEPT, len(flat))


def _with(posting: _Posting, slot: int) -> array[int]:
    if isinstance(posting, int):
        return array("I", (posting, slot))
    posting.append(slot)
    return posting


def _without(posting: _Posting | None, slot: int) -> _Posting | None:
    if isinstance(posting, array):
        posting.remove(slot)
        return posting if len(posting) > 1 else posting[0]
    return None
