"""Finding a person's name in a text however it is spelled: turned round, glued together, without accents or titles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from queast_runtime.engine.escapes import Range, readings
from queast_runtime.engine.letters import LEAST_SKELETON, Folded, Word, fold, has_no_case, keys, own_keys, skeleton
from queast_runtime.engine.persons import PLAIN_LETTERS, Form

_SENTENCE: Final = re.compile(r"[.!?;:]\s")


@dataclass(frozen=True, slots=True)
class Names:
    """What is looked for. `by_key` holds, by a spelling of its first word, each form with the spellings of the words
    behind; `firsts` are the skeletons of those first words. `inside` are forms of scripts without capitals, found
    wherever their letters are."""

    by_key: dict[str, list[tuple[Form, tuple[frozenset[str], ...]]]]
    inside: tuple[tuple[Form, re.Pattern[str]], ...]
    firsts: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.by_key or self.inside)

    @classmethod
    def of(cls, forms: Iterable[Form]) -> Names:
        by_key: dict[str, list[tuple[Form, tuple[frozenset[str], ...]]]] = {}
        inside: dict[str, tuple[Form, re.Pattern[str]]] = {}
        for form in forms:
            if has_no_case("".join(form.words)):
                row = " ".join(form.words)
                # Who is called so by a whole name is not named by a lone part only.
                if row not in inside or inside[row][0].lone:
                    inside[row] = (form, re.compile(" *".join(form.words)))
                continue
            behind = tuple(frozenset(keys(word)) for word in form.words[1:])
            is_short = not behind and len(form.words[0]) < PLAIN_LETTERS
            first = keys(form.words[0]) if behind else keys(form.words[0], LEAST_SKELETON)
            for key in own_keys(form.words[0]) if is_short else first:
                by_key.setdefault(key, []).append((form, behind))
        singles = {skeleton(key.removeprefix("~")) for key in by_key}
        return cls(by_key, tuple(inside.values()), frozenset((*singles, *(f"{single}s" for single in singles))))

    def ranges(self, text: str, *, is_written: bool = True) -> Iterator[Range]:
        """Yield where a text names somebody, as ranges of it. A genitive's `s` stays.

        Where a text uses capitals, a lone surname in small letters is a word of the language. Nothing is where the
        text is not `is_written`, but an address.
        """
        for one in map(fold, readings(text)):
            for form, (start, end) in self._found(one, loose=True, is_written=is_written):
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

    def in_full(self) -> Names:
        """Return the forms that are more than a lone part of a name."""
        return self._with(lambda form: not form.lone)

    def _with(self, is_kept: Callable[[Form], bool]) -> Names:
        left = {key: [each for each in forms if is_kept(each[0])] for key, forms in self.by_key.items()}
        inside = tuple(each for each in self.inside if is_kept(each[0]))
        return Names({key: forms for key, forms in left.items() if forms}, inside, self.firsts)

    def _found(self, text: Folded, *, loose: bool, is_written: bool = True) -> Iterator[tuple[Form | None, Range]]:
        for _, pattern in self.inside:
            yield from ((None, text.origin(*found.span())) for found in pattern.finditer(text.letters))
        at = text.at(self.firsts)
        is_told_apart = loose and is_written and text.has_capitals
        if at is None or at:
            for form, first, last, end in self._in_row(text.words(), at, loose=loose, alone=True):
                if not (form.lone and is_told_apart) or form.small or _is_called(text, first, last):
                    yield form, (first.start, end)
        if loose and (parts := text.parts()):
            found = self._in_row(parts, None, loose=loose, alone=False)
            yield from ((form, (first.start, end)) for form, first, _, end in found)

    def _in_row(
        self, words: list[Word], places: list[int] | None, *, loose: bool, alone: bool
    ) -> Iterator[tuple[Form, Word, Word, int]]:
        """Yield each form that is found, with its first word, its last, and where it ends."""
        for at in range(len(words)) if places is None else places:
            word = words[at]
            for key in keys(word.letters):
                for form, behind in self.by_key.get(key, ()):
                    if behind:
                        if (last := _followed(words, at + 1, behind, loose=loose)) is not None:
                            yield form, word, *last
                    elif alone and _may_stand(form, word):
                        yield form, word, word, word.end
            if loose and alone and word.letters.endswith("s"):
                for key in keys(word.letters[:-1]):
                    for form, behind in self.by_key.get(key, ()):
                        if not behind and _may_stand(form, word):
                            yield form, word, word, word.stem


def _followed(
    words: list[Word], at: int, behind: tuple[frozenset[str], ...], *, loose: bool
) -> tuple[Word, int] | None:
    """Return the last of the words `behind`, and where it ends, if they follow; an initial may stand before each."""
    end = len(behind) - 1
    for place, wanted in enumerate(behind):
        if loose and at < len(words) and len(words[at].letters) == 1 and wanted.isdisjoint(keys(words[at].letters)):
            at += 1
        if at >= len(words):
            return None
        letters = words[at].letters
        if wanted.isdisjoint(keys(letters)):
            if place < end or not loose or letters[-1] != "s" or wanted.isdisjoint(keys(letters[:-1])):
                return None
            return words[at], words[at].stem
        at += 1
    return words[at - 1], words[at - 1].end


def _may_stand(form: Form, word: Word) -> bool:
    return not form.needs_capital or word.shown[0].isupper()


def _is_called(text: Folded, first: Word, last: Word) -> bool:
    """Whether a lone surname is written as a name is: with a capital, or as part of an address."""
    shown = text.shown[first.at : last.to]
    return shown != shown.lower() or text.is_joined(first) or text.is_joined(last)


def _stands_alone(form: re.Pattern[str], folded: str) -> bool:
    return any(not f"{folded[: one.start()][-1:]}{folded[one.end() :][:1]}".strip() for one in form.finditer(folded))
