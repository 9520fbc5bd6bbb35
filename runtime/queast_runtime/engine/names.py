"""Finding a person's name in a text however it is spelled: turned round, glued together, without accents or titles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from queast_runtime.engine.escapes import Range, readings
from queast_runtime.engine.letters import LEAST_SKELETON, Folded, Word, fold, has_no_case, keys, own_keys, skeleton
from queast_runtime.engine.persons import PLAIN_LETTERS, TITLES_BEFORE, Form

_SENTENCE: Final = re.compile(r"[.!?;:]\s")
# Before a surname: `k. `, `K `, `hr. `; words of one letter that stand anywhere are none.
_INITIAL: Final = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.|(?![AEIOUWYZÅ])[^\W\d_a-zåäöøæü])\s{1,3}$")
_LAST_WORD: Final = re.compile(r"([^\W\d_]+)\.?\s{1,3}$")
# `kari og ola nordmann`: so far from it a first name in small letters says that a surname is one, too.
_NEAR: Final = 3


_Behind = tuple[frozenset[str], ...]


class _Spellings(dict[str, frozenset[str]]):
    """The spellings of words, each made once."""

    def __missing__(self, letters: str) -> frozenset[str]:
        made = self[letters] = frozenset(keys(letters))
        return made


@dataclass(frozen=True, slots=True)
class Names:
    """What is looked for. `single` holds forms of one word by its spellings, `in_row` those of more by spellings of
    their first two, each with the spellings of the words behind the first; `firsts` are the skeletons of all first
    words. `inside` are forms of scripts without capitals, found wherever their letters are. `given` are the words
    of names that are no surname, `bare` surnames of whom nothing else is known."""

    single: dict[str, list[Form]]
    in_row: dict[tuple[str, str], list[tuple[Form, _Behind]]]
    inside: tuple[tuple[Form, re.Pattern[str]], ...]
    firsts: frozenset[str]
    given: frozenset[str] = frozenset()
    bare: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.single or self.in_row or self.inside)

    @classmethod
    def of(cls, forms: Iterable[Form]) -> Names:
        single: dict[str, list[Form]] = {}
        in_row: dict[tuple[str, str], list[tuple[Form, _Behind]]] = {}
        inside: dict[str, tuple[Form, re.Pattern[str]]] = {}
        spelled = _Spellings()
        kept = tuple(forms)
        for form in kept:
            if has_no_case("".join(form.words)):
                row = " ".join(form.words)
                # Who is called so by a whole name is not named by a lone part only.
                if row not in inside or inside[row][0].lone:
                    inside[row] = (form, re.compile(" *".join(form.words)))
                continue
            first, *others = form.words
            if not others:
                own = own_keys(first) if len(first) < PLAIN_LETTERS else keys(first, LEAST_SKELETON)
                for key in own:
                    single.setdefault(key, []).append(form)
                continue
            behind = tuple(spelled[word] for word in others)
            one = (form, behind)
            for pair in product(spelled[first], behind[0]):
                in_row.setdefault(pair, []).append(one)
        alone = {form.words[0] for form in kept if len(form.words) == 1}
        of_more = {word for form in kept if len(form.words) > 1 for word in form.words}
        singles = {skeleton(key.removeprefix("~")) for key in (*single, *(first for first, _ in in_row))}
        firsts = frozenset((*singles, *(f"{each}s" for each in singles)))
        return cls(
            single, in_row, tuple(inside.values()), firsts, frozenset(of_more - alone), frozenset(alone - of_more)
        )

    def ranges(self, text: str, *, is_written: bool = True, is_public: bool = False) -> Iterator[Range]:
        """Yield where a text names somebody, as ranges of it. A genitive's `s` stays.

        Where a text uses capitals, a lone surname in small letters is a word of the language. Nothing is where the
        text is not `is_written`, but an address. In a public field, which `is_public`, a lone surname is a town or a
        technology, unless it is part of an address or stands behind an initial or a title.
        """
        for one in map(fold, readings(text)):
            for form, (start, end) in self._found(one, loose=True, is_written=is_written, is_public=is_public):
                if form is None or not form.turned or not _SENTENCE.search(text, start, end):
                    yield start, end

    def without(self, public: Iterable[str], *, only_lone: bool = False) -> Names:
        """Return the forms of which none stands in a public text, as it is and not in the genitive."""
        said: set[Form] = set()
        for text in public:
            one = fold(text)
            said |= {form for form, _ in self._found(one, loose=False) if form is not None}
            said |= {form for form, pattern in self.inside if _stands_alone(pattern, one.letters)}
        return self._with(lambda form: form not in said or (only_lone and not form.lone)) if said else self

    def _with(self, is_kept: Callable[[Form], bool]) -> Names:
        single = {key: [each for each in forms if is_kept(each)] for key, forms in self.single.items()}
        in_row = {pair: [each for each in forms if is_kept(each[0])] for pair, forms in self.in_row.items()}
        return Names(
            {key: forms for key, forms in single.items() if forms},
            {pair: forms for pair, forms in in_row.items() if forms},
            tuple(each for each in self.inside if is_kept(each[0])),
            self.firsts,
            self.given,
            self.bare,
        )

    def _found(
        self, text: Folded, *, loose: bool, is_written: bool = True, is_public: bool = False
    ) -> Iterator[tuple[Form | None, Range]]:
        for _, pattern in self.inside:
            yield from ((None, text.origin(*found.span())) for found in pattern.finditer(text.letters))
        at = text.at(self.firsts)
        if at is None or at:
            words = text.words()
            is_told_apart = is_written and text.has_capitals
            for form, first, last, end in self._in_row(words, at, loose=loose, alone=True):
                if not form.lone:
                    is_named = True
                elif not loose or is_public:
                    # What calls somebody by the surname does not say that it is a word.
                    is_named = _is_addressed(text, first, last) is loose
                elif not is_told_apart or form.small or (len(form.words) == 1 and form.words[0] in self.bare):
                    is_named = True
                else:
                    is_named = _is_called(text, first, last) or self._is_near_a_first(words, first)
                if is_named:
                    yield form, (first.start, end)
        if loose and (parts := text.parts()):
            found = self._in_row(parts, None, loose=loose, alone=not is_public)
            # Taken apart at its capitals, a surname has one.
            yield from (
                (form, (first.start, end)) for form, first, _, end in found if not form.lone or first.shown[0].isupper()
            )

    def _is_near_a_first(self, words: list[Word], surname: Word) -> bool:
        """Whether a first name in small letters stands a few words before a surname in small letters."""
        at = next((n for n, word in enumerate(words) if word.at == surname.at), 0)
        before = words[max(0, at - _NEAR) : at]
        return any(word.letters in self.given and word.shown == word.letters for word in before)

    def _in_row(
        self, words: list[Word], places: list[int] | None, *, loose: bool, alone: bool
    ) -> Iterator[tuple[Form, Word, Word, int]]:
        """Yield each form that is found, with its first word, its last, and where it ends."""
        spelled = _Spellings()
        known: dict[tuple[str, ...], tuple[tuple[Form, _Behind], ...]] = {}
        for at in range(len(words)) if places is None else places:
            word = words[at]
            near = tuple(each.letters for each in words[at : at + 3])
            if near not in known:
                known[near] = self._beginning(near, spelled, loose=loose)
            for form, behind in known[near]:
                if (last := _followed(words, at + 1, behind, spelled, loose=loose)) is not None:
                    yield form, word, *last
            if not alone:
                continue
            for key in spelled[word.letters]:
                found = (form for form in self.single.get(key, ()) if _may_stand(form, word))
                yield from ((form, word, word, word.end) for form in found)
            if loose and word.letters.endswith("s"):
                for key in spelled[word.letters[:-1]]:
                    found = (form for form in self.single.get(key, ()) if _may_stand(form, word))
                    yield from ((form, word, word, word.stem) for form in found)

    def _beginning(
        self, near: tuple[str, ...], spelled: _Spellings, *, loose: bool
    ) -> tuple[tuple[Form, _Behind], ...]:
        """Return the forms that may begin with the first of some words: the next is their second, or the one behind an
        initial; it may be in the genitive."""
        following: set[str] = set()
        for letters in near[1:]:
            following |= spelled[letters]
            if loose and letters.endswith("s"):
                following |= spelled[letters[:-1]]
            if not loose or len(letters) > 1:
                break
        found = (self.in_row.get(pair, ()) for pair in product(spelled[near[0]], following))
        return tuple({id(each): each for forms in found for each in forms}.values())


def _followed(
    words: list[Word], at: int, behind: _Behind, spelled: _Spellings, *, loose: bool
) -> tuple[Word, int] | None:
    """Return the last of the words `behind`, and where it ends, if they follow; an initial may stand before each."""
    end = len(behind) - 1
    for place, wanted in enumerate(behind):
        if loose and at < len(words) and len(words[at].letters) == 1 and wanted.isdisjoint(spelled[words[at].letters]):
            at += 1
        if at >= len(words):
            return None
        letters = words[at].letters
        if wanted.isdisjoint(spelled[letters]):
            if place < end or not loose or letters[-1] != "s" or wanted.isdisjoint(spelled[letters[:-1]]):
                return None
            return words[at], words[at].stem
        at += 1
    return words[at - 1], words[at - 1].end


def _may_stand(form: Form, word: Word) -> bool:
    return not form.needs_capital or word.shown[0].isupper()


def _is_called(text: Folded, first: Word, last: Word) -> bool:
    """Whether a lone surname is written as a name is: with a capital, or as part of an address."""
    shown = text.shown[first.at : last.to]
    return shown != shown.lower() or _is_addressed(text, first, last)


def _is_addressed(text: Folded, first: Word, last: Word) -> bool:
    """Whether a surname is part of an address, or stands behind an initial or a title."""
    if text.is_joined(first) or text.is_joined(last):
        return True
    before = text.written_before(first)
    title = _LAST_WORD.search(before)
    return _INITIAL.search(before) is not None or (title is not None and title[1].lower() in TITLES_BEFORE)


def _stands_alone(form: re.Pattern[str], folded: str) -> bool:
    return any(not f"{folded[: one.start()][-1:]}{folded[one.end() :][:1]}".strip() for one in form.finditer(folded))
