"""The words of a text, each with its place and with every way in which it may be spelled.

One person is `Pål Ødegård`, `Paal Oedegaard` and `Pal Odegard`, `Jürgen Müller` is `Juergen Mueller`, `Иван` is
`Ivan`. A letter of its own (`å`) is kept where a text is folded, so that a short word stays apart from another one:
`Aas` may be `Ås`, but not the `AS` behind a company's name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from queast_runtime.engine.escapes import Range, Shown, composed

# Letters that are spelled in two ways where a keyboard lacks them.
_BARE: Final = str.maketrans({"å": "a", "ä": "a", "ö": "o", "ø": "o", "ü": "u", "æ": "ae"})
_WIDE: Final = str.maketrans({"å": "aa", "ä": "ae", "ö": "oe", "ø": "oe", "ü": "ue", "æ": "ae"})
_KEPT: Final = frozenset("åäöøüæ")
# What no decomposition takes apart.
_LETTERS: Final = str.maketrans(
    {"ł": "l", "đ": "d", "ð": "d", "þ": "th", "œ": "oe", "ħ": "h", "ı": "i", "ŋ": "n", "ŧ": "t", "ő": "ö", "ű": "ü"}
    | {"ǿ": "ø", "ǽ": "æ", "ǻ": "å"}
)
# From so many letters on, a word whose double vowels are made single names nobody else: `Mueller`, `Müller`, `Muller`.
LEAST_SKELETON: Final = 5
# Beside another word of the name so many are enough: `Joerg Groenbaek`, `Jorg Gronbaek`.
_LEAST_BESIDE: Final = 3
_DOUBLED: Final = re.compile("a[ae]+|oe+|ue+")
# How Cyrillic is written in Latin letters elsewhere than in English: in passports, in German, in Scandinavia.
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_SCHEMES: Final = tuple(
    str.maketrans(dict(zip("жйхцчшщыюяъьё", latin.split("|"), strict=True)) | more)
    for latin, more in (
        ("zh|i|kh|ts|ch|sh|shch|y|iu|ia|ie||e", {}),
        ("sch|j|ch|z|tsch|sch|schtsch|y|ju|ja|||jo", {"в": "w"}),
        ("sj|j|kh|ts|tsj|sj|sjtsj|y|ju|ja|||jo", {}),
        ("zj|j|ch|ts|tj|sj|sjtj|y|ju|ja|||jo", {}),
    )
)
# A Korean syllable would fall apart into signs that are no syllables.
_HANGUL: Final = re.compile("[\uac00-\ud7a3]")
_GREEK: Final = re.compile("[\u0370-\u03ff]")
_ELOT: Final = (("ου", "ou"), ("ευ", "ef"), ("αυ", "af"), ("μπ", "b"), ("γγ", "ng"), ("γκ", "g"))

_WORDS: Final = re.compile(r"[^\W\d_]+")
# Most texts of Western Europe: one sign a letter, so that every place stays where it is.
_SIMPLE: Final = re.compile("[\0-\x7fåäöøüæéÅÄÖØÜÆÉ\xa0«»\u2013-\u2014\u2018-\u201e\u2026€]*")
_ACUTE: Final = str.maketrans("é", "e")
_INNER_CAPITAL: Final = re.compile(r"(?<=[^\W\d_A-ZÅÄÖØÜÆ])(?=[A-ZÅÄÖØÜÆ])")
# What joins a word to an address, a handle or a hashtag; signs of sentences, a line or a hyphen do so between two words
# only, and a bracket behind one: `nordmann[at]acme.no`.
_JOINS: Final = frozenset("@#/+=&*`~|%$\\_")
_JOINS_TWO: Final = frozenset(".-,;:!?")
_OPENS: Final = frozenset("[({")


class Word(NamedTuple):
    """`letters` are folded, `shown` the same as they were written. The word is `start` to `end` of its text; `stem` is
    where its last letter begins. `at` is where it begins in the folded text, and `to` where it ends."""

    letters: str
    shown: str
    start: int
    end: int
    stem: int
    at: int
    to: int


@dataclass(frozen=True, slots=True)
class Folded:
    """A reading of a text in small letters without accents and marks, and the same as it was written.

    `signs` says of each of its letters which sign of the `reading` it is, and `places` which of the text's it stands
    for (None: the same). `has_capitals` tells whether the reading has any.
    """

    letters: str
    shown: str
    reading: str
    signs: tuple[int, ...] | None
    places: tuple[Range, ...] | None
    has_capitals: bool

    def origin(self, start: int, end: int) -> Range:
        return (start, end) if self.places is None else (self.places[start][0], self.places[end - 1][1])

    def words(self) -> list[Word]:
        return [self._word(*found.span()) for found in _WORDS.finditer(self.letters)]

    def parts(self) -> list[Word]:
        """Return the words with `KariNordmannJoins` taken apart; none where no word is of three or more.

        `KariNordmann` is one word, which a company may be called.
        """
        parts: list[Word] = []
        if not _INNER_CAPITAL.search(self.shown):
            return parts
        for found in _WORDS.finditer(self.letters):
            start, end = found.span()
            inner = [start + each.start() for each in _INNER_CAPITAL.finditer(self.shown[start:end])]
            inner = inner if len(inner) > 1 else []
            parts += (self._word(one, other) for one, other in pairwise((start, *inner, end)))
        return parts

    def at(self, firsts: frozenset[str]) -> list[int] | None:
        """Return which words of the text may be one of `firsts` (skeletons), by their number; None where any may."""
        if self.places is not None:
            return None
        return [at for at, single in enumerate(_WORDS.findall(skeleton(self.letters))) if single in firsts]

    def is_joined(self, word: Word) -> bool:
        """Whether a word is part of an address, a handle or a hashtag: `nordmann@acme.no`, `?q=nordmann`, `nordmann42`.

        The stop behind a sentence joins nothing.
        """
        first, last = word.at, word.to - 1
        if self.signs is not None:
            first, last = self.signs[first], self.signs[last]
        behind = _visible(self.reading, last + 1, 1)
        return (
            _joins(_visible(self.reading, first - 1, -1))
            or _joins(behind)
            or (behind[:1] in _OPENS and len(behind) > 1)
        )

    def written_before(self, word: Word) -> str:
        """Return the signs before a word as they are written, some dozen at most."""
        first = word.at if self.signs is None else self.signs[word.at]
        return self.reading[max(0, first - 16) : first]

    def _word(self, start: int, end: int) -> Word:
        letters, shown = self.letters[start:end], self.shown[start:end]
        if self.places is None:
            return Word(letters, shown, start, end, end - 1, start, end)
        places = self.places
        return Word(letters, shown, places[start][0], places[end - 1][1], places[end - 1][0], start, end)


def fold(shown: Shown | str) -> Folded:
    """Bring a text to small letters: accents and signs that do not show are gone, what is no letter is none."""
    shown = Shown(shown) if isinstance(shown, str) else shown
    text = shown.text
    has_capitals = text != text.lower()
    if shown.places is None and _SIMPLE.fullmatch(text):
        return Folded(text.lower().translate(_ACUTE), text, text, None, None, has_capitals)
    shown = composed(shown)
    letters: list[str] = []
    written: list[str] = []
    signs: list[int] = []
    places: list[Range] = []
    for at, sign in enumerate(shown.text):
        folded = _folded(sign)
        if not folded and places:
            # A mark that stands behind its letter goes with it.
            places[-1] = (places[-1][0], shown.place(at)[1])
            marked = unicodedata.normalize("NFC", letters[-1] + sign)
            letters[-1] = marked if marked in _KEPT else letters[-1]
        letters += folded
        capital = folded.upper() if sign.isupper() else folded
        # One sign a letter, so that all of them stay side by side.
        written += capital if len(capital) == len(folded) else folded
        signs += [at] * len(folded)
        places += [shown.place(at)] * len(folded)
    return Folded("".join(letters), "".join(written), shown.text, tuple(signs), tuple(places), has_capitals)


def skeleton(letters: str) -> str:
    """`oedegaard`, `ødegård`  ->  `odegard`"""
    return _DOUBLED.sub(_single, letters.translate(_BARE))


def own_keys(letters: str) -> tuple[str, ...]:
    """Return the spellings of a word that keep its own letters: `ås` is `aas`, and not the `as` of other words."""
    return keys(letters.translate(_WIDE), LEAST_SKELETON)


def keys(letters: str, least: int = _LEAST_BESIDE) -> tuple[str, ...]:
    """Return the spellings of a folded word; two words that share one may be the same. One whose double vowels are made
    single needs `least` letters.

    `ødegård`  ->  `odegard`, `oedegaard`, `~odegard`
    """
    if letters.isascii():
        single = _DOUBLED.sub(_single, letters)
        return (letters, f"~{single}") if len(single) >= least else (letters,)
    spelled = dict.fromkeys(
        way
        for latin in _in_latin(letters.translate(_BARE), letters.translate(_WIDE))
        for way in (latin, f"~{_DOUBLED.sub(_single, latin)}")
        if latin and (way[0] != "~" or len(way) > least)
    )
    return tuple(spelled)


def has_no_case(word: str) -> bool:
    """Whether a word is of a script without capitals, in which words may stand side by side without a blank."""
    return not word.isascii() and any(unicodedata.category(sign) == "Lo" for sign in word)


def transliterated(word: str) -> list[str]:
    """`李小龙`  ->  `li`, `xiao`, `long`: the words that the signs of a script are in Latin letters."""
    from anyascii import anyascii

    return [found.lower() for sign in word for found in _WORDS.findall(anyascii(sign))]


@lru_cache(maxsize=4_096)
def _folded(sign: str) -> str:
    """`É`  ->  `e`;  `Å`  ->  `å`;  `,`  ->  a blank;  a mark that combines, or a soft hyphen  ->  nothing"""
    small = sign.casefold().translate(_LETTERS)
    if small in _KEPT or _CYRILLIC.fullmatch(small) or _HANGUL.fullmatch(small):
        return small
    parts = (part for part in unicodedata.normalize("NFKD", small) if not _is_silent(part))
    return "".join(part.casefold() if part.isalnum() else " " for part in parts).translate(_LETTERS)


def _is_silent(sign: str) -> bool:
    return bool(unicodedata.combining(sign)) or unicodedata.category(sign) in ("Cf", "Mn", "Me")


def _in_latin(*spelled: str) -> Iterable[str]:
    if all(word.isascii() for word in spelled):
        return spelled
    from anyascii import anyascii

    ways = list(spelled)
    if _CYRILLIC.search(spelled[0]):
        ways += [spelled[0].translate(scheme) for scheme in _SCHEMES]
    elif _GREEK.search(spelled[0]):
        greek = spelled[0].replace("ς", "σ")
        for one, other in _ELOT:
            greek = greek.replace(one, other)
        ways.append(greek.replace("υ", "y"))
    # What has no capitals stays: no two of its words are one in Latin letters only.
    return [word if has_no_case(word) else anyascii(word).lower() for word in ways]


def _single(doubled: re.Match[str]) -> str:
    return doubled[0][0]


def _visible(text: str, at: int, step: int) -> str:
    """Return the next two signs of a text that show, from a place on."""
    found = ""
    while 0 <= at < len(text) and len(found) < 2:
        found += "" if _is_silent(text[at]) else text[at]
        at += step
    return found


def _joins(signs: str) -> bool:
    if not signs:
        return False
    return signs[0] in _JOINS or signs[0].isdigit() or (signs[0] in _JOINS_TWO and signs[1:].isalnum())
