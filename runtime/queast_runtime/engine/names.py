"""Finding a person's name in a text however it is spelled: turned round, glued together, without accents or titles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from queast_runtime.engine.letters import (
    Folded,
    Range,
    Word,
    fold,
    has_no_case,
    keys,
    own_keys,
    readings,
    skeleton,
    transliterated,
)

# A single word of fewer letters is a word of the language, too, unless it is written with a capital.
_PLAIN_LETTERS: Final = 3
_LEAST_LETTERS: Final = 2
# What is only found with a capital, as it may be a word of the language or a first name: a middle name.
_MIDDLE_LETTERS: Final = 4
# Half of a surname of two, `Nygaard-Holm`.
_HALF_LETTERS: Final = 4
# `karinordmann`, `knordmann`: glued words of fewer letters are other words.
_GLUED_LETTERS: Final = 6
_INITIAL_LETTERS: Final = 7
# `per-erikjorgensen`: of more words each may be glued to the next or none.
_GLUED_IN_PART: Final = 4
# A surname that ends with `s` may be in the genitive where it is mentioned; `Jonas` is not.
_GENITIVE_LETTERS: Final = 8

# No name is longer; of a mention that is, its start is looked for elsewhere.
_LONGEST: Final = 200
_BEFORE: Final = (
    "dr prof professor mr mrs ms miss mx herr frau fru frk froken hr pan pani sir dame lord lady mag ing dipl dipling"
    " hc ceo cfo cto coo chair chairman chairwoman director direktor president"
)
_BEHIND: Final = "jr sr ii iii iv phd mba msc bsc md cpa esq ceo cfo cto coo chair director"
_PARTICLES: Final = "van von vom zu zur der den de da di del della dos du la le af av of y e i ten ter"
_TITLES_BEFORE: Final = frozenset(_BEFORE.split())
_TITLES_BEHIND: Final = frozenset(_BEHIND.split())
_JOINING: Final = frozenset(_PARTICLES.split())
_BRACKETS: Final = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")
_POSSESSIVE: Final = re.compile(r"['\u2019\u2018\u02bc\u00b4`]s?$", re.IGNORECASE)
_SENTENCE: Final = re.compile(r"[.!?;:]\s")
_Part = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """One way to name somebody: folded words in a row. One of a single word may need a capital to be a name; one that
    is `turned` round does not reach over the end of a sentence, behind which the person is named again."""

    words: tuple[str, ...]
    needs_capital: bool = False
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """What is looked for. `by_key` holds, by a spelling of its first word, each form with the spellings of the words
    behind; `firsts` are the skeletons of those first words. `inside` are forms of scripts without capitals, found
    wherever their letters are."""

    by_key: dict[str, list[tuple[Form, tuple[frozenset[str], ...]]]]
    inside: tuple[re.Pattern[str], ...]
    firsts: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.by_key or self.inside)

    @classmethod
    def of(cls, forms: Iterable[Form]) -> Names:
        by_key: dict[str, list[tuple[Form, tuple[frozenset[str], ...]]]] = {}
        inside: dict[str, re.Pattern[str]] = {}
        for form in forms:
            if has_no_case("".join(form.words)):
                inside[" ".join(form.words)] = re.compile(" *".join(form.words))
                continue
            behind = tuple(frozenset(keys(word)) for word in form.words[1:])
            is_short = not behind and len(form.words[0]) < _PLAIN_LETTERS
            for key in own_keys(form.words[0]) if is_short else keys(form.words[0]):
                by_key.setdefault(key, []).append((form, behind))
        singles = {skeleton(key.removeprefix("~")) for key in by_key}
        return cls(by_key, tuple(inside.values()), frozenset((*singles, *(f"{single}s" for single in singles))))

    def ranges(self, text: str) -> Iterator[Range]:
        """Yield where a text names somebody, as ranges of it. A genitive's `s` stays."""
        for one in readings(text):
            for form, (start, end) in self._found(one, loose=True):
                if form is None or not form.turned or not _SENTENCE.search(text, start, end):
                    yield start, end

    def without(self, public: Iterable[str]) -> Names:
        """Return the forms of which none stands in a public text, as it is and not in the genitive."""
        said: set[re.Pattern[str]] = set()
        stand: set[Form] = set()
        for text in public:
            one = fold(text)
            stand |= {form for form, _ in self._found(one, loose=False) if form is not None}
            said |= {form for form in self.inside if _stands_alone(form, one.letters)}
        if not stand and not said:
            return self
        left = {key: [each for each in forms if each[0] not in stand] for key, forms in self.by_key.items()}
        inside = tuple(form for form in self.inside if form not in said)
        return Names({key: forms for key, forms in left.items() if forms}, inside, self.firsts)

    def _found(self, text: Folded, *, loose: bool) -> Iterator[tuple[Form | None, Range]]:
        for form in self.inside:
            yield from ((None, text.origin(*found.span())) for found in form.finditer(text.letters))
        at = text.at(self.firsts)
        if at is None or at:
            yield from self._in_row(text.words(), at, loose=loose, alone=True)
        if loose and (parts := text.parts()):
            yield from self._in_row(parts, None, loose=loose, alone=False)

    def _in_row(
        self, words: list[Word], places: list[int] | None, *, loose: bool, alone: bool
    ) -> Iterator[tuple[Form | None, Range]]:
        for at in range(len(words)) if places is None else places:
            word = words[at]
            for key in keys(word.letters):
                for form, behind in self.by_key.get(key, ()):
                    if behind:
                        if (last := _followed(words, at + 1, behind, loose=loose)) is not None:
                            yield form, (word.start, last)
                    elif alone and _may_stand(form, word):
                        yield form, (word.start, word.end)
            if loose and alone and word.letters.endswith("s"):
                for key in keys(word.letters[:-1]):
                    for form, behind in self.by_key.get(key, ()):
                        if not behind and _may_stand(form, word):
                            yield form, (word.start, word.stem)


def forms(name: str) -> tuple[Form, ...]:
    """Return the forms that name the same person as the text of a mention.

    `Dr. Kari A. Nordmann`  ->  the whole; `kari nordmann`, also turned round, glued and as `knordmann`; `nordmann`
    """
    found: dict[Form, None] = {}
    for words in _orders(name):
        found |= dict.fromkeys(_of_words(words))
        if (stem := _without_genitive(words[-1])) is not None:
            lone = sum(map(len, stem)) >= _GENITIVE_LETTERS - 1
            found |= dict.fromkeys(f for f in _of_words([*words[:-1], stem]) if lone or len(f.words) > 1)
    return tuple(found)


def _of_words(words: list[_Part]) -> Iterator[Form]:
    whole = tuple(part for word in words for part in word)
    if has_no_case("".join(whole)):
        yield Form(whole)
        yield Form(words[-1])
        # Nobody writes one word of it in Latin letters and means this person only.
        latin = tuple(part for word in whole for part in transliterated(word))
        if len(latin) > 1:
            yield from _joined(latin)
            yield from _joined(("".join(latin[1:]), latin[0]))
        return
    first, last = words[0], words[-1]
    if len(words) == 1:
        yield from _surname(last)
        return
    yield from _joined(whole)
    for later in words[1:]:
        if later[0] in _JOINING or len("".join(later)) < _LEAST_LETTERS:
            continue
        for called, named in product(_ways(first, first[:1]), _ways(later)):
            yield from _joined((*called, *named))
            yield from _joined((*named, *called), turned=True)
        if len("".join(later)) >= _INITIAL_LETTERS - 1:
            yield Form((first[0][0] + "".join(later),))
    yield from _surname(last)
    for middle in words[1:-1]:
        if len(middle) == 1 and len(middle[0]) >= _MIDDLE_LETTERS and middle[0] not in _JOINING:
            yield Form(middle, needs_capital=True)


def _ways(*words: _Part) -> Iterable[_Part]:
    """`d`, `arcy`  ->  the same, and `darcy`"""
    return dict.fromkeys((*words, *(("".join(word),) for word in words)))


def _surname(word: _Part) -> Iterator[Form]:
    if len(word) == 1:
        if len(word[0]) >= _LEAST_LETTERS:
            yield Form(word, needs_capital=len(word[0]) < _PLAIN_LETTERS)
        return
    yield from _joined(word, least=_PLAIN_LETTERS)
    for half in word:
        if len(half) >= _HALF_LETTERS and min(map(len, word)) >= _LEAST_LETTERS:
            yield Form((half,))


def _joined(words: tuple[str, ...], *, turned: bool = False, least: int = _GLUED_LETTERS) -> Iterator[Form]:
    """Several words, the same as one, and with some of the blanks between them."""
    yield Form(words, turned=turned)
    if len(words) > 1 and len(glued := "".join(words)) >= least:
        yield Form((glued,))
    if 2 < len(words) <= _GLUED_IN_PART:
        for blanks in range(1, 2 ** (len(words) - 1) - 1):
            ends = (" " if blanks >> place & 1 else "" for place in range(len(words)))
            row = "".join(f"{word}{end}" for word, end in zip(words, ends, strict=True))
            yield Form(tuple(row.split()), turned=turned)


def _orders(name: str) -> Iterator[list[_Part]]:
    """Yield the words of a mention in the orders that it may have been written for: `Nordmann, Kari`, `Kari, CEO`."""
    text = unicodedata.normalize("NFC", _shown(name))[:_LONGEST]
    bare = _BRACKETS.sub(" ", text)
    halves = [words for half in bare.split(",") if not half.strip()[:1].isdigit() and (words := _words(half))]
    if not halves:
        halves = [words] if (words := _words(re.sub(r"[()\[\]{}]", " ", text))) else []
    match halves:
        case []:
            return
        case [words]:
            yield words
        case [[surname], others, *_]:
            yield [*others, surname]
        case [words, *_]:
            yield words
            yield [part for half in (*halves[1:], words) for part in half]


def _shown(name: str) -> str:
    return "".join(sign for sign in name if unicodedata.category(sign) != "Cf")


def _words(text: str) -> list[_Part]:
    found: list[_Part] = []
    for chunk in text.split():
        bare = _POSSESSIVE.sub("", chunk.strip('.,;:!?"\u201c\u201d\u201e\u00ab\u00bb()[]{}<>/'))
        if any(sign.isdigit() for sign in bare):
            continue
        parts = tuple(word.letters for word in fold(bare).words())
        if parts:
            found.append(parts)
    start, end = 0, len(found)
    while end - start > 1 and keys("".join(found[start]))[0] in _TITLES_BEFORE:
        start += 1
    while end - start > 1 and keys("".join(found[end - 1]))[0] in _TITLES_BEHIND:
        end -= 1
    kept = found[start:end]
    alone = "".join(kept[0]) if len(kept) == 1 else ""
    return [] if alone in _TITLES_BEFORE or alone in _TITLES_BEHIND else kept


def _without_genitive(word: _Part) -> _Part | None:
    end = word[-1]
    if len(end) < _PLAIN_LETTERS + 1 or end[-1] != "s" or end[-2] in "aeiouyåæøäöüs":
        return None
    return (*word[:-1], end[:-1])


def _followed(words: list[Word], at: int, behind: tuple[frozenset[str], ...], *, loose: bool) -> int | None:
    """Return where the last of the words `behind` ends if they follow; an initial may stand before each."""
    last = len(behind) - 1
    for place, wanted in enumerate(behind):
        if loose and at < len(words) and len(words[at].letters) == 1 and wanted.isdisjoint(keys(words[at].letters)):
            at += 1
        if at >= len(words):
            return None
        letters = words[at].letters
        if wanted.isdisjoint(keys(letters)):
            if place < last or not loose or letters[-1] != "s" or wanted.isdisjoint(keys(letters[:-1])):
                return None
            return words[at].stem
        at += 1
    return words[at - 1].end


def _may_stand(form: Form, word: Word) -> bool:
    return not form.needs_capital or word.shown[0].isupper()


def _stands_alone(form: re.Pattern[str], folded: str) -> bool:
    return any(not f"{folded[: one.start()][-1:]}{folded[one.end() :][:1]}".strip() for one in form.finditer(folded))
