"""How the check at send reads a text, and the names in it.

It shares nothing with what replaces names at admission (`letters.py`, `names.py`) but the language's own tables: there
a text is taken apart by its signs, with their places; here it is brought to plain letters as a whole, in each of the
ways in which such letters are written, and searched. What one of them misses, the other finds.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final, Literal

_APOSTROPHES: Final = dict.fromkeys(map(ord, "'`\u00b4\u2018\u2019\u02bc\u02bb\uff07"))
WIDE: Final = str.maketrans(
    {"å": "aa", "ä": "ae", "ö": "oe", "ø": "oe", "ü": "ue"} | {"Å": "Aa", "Ä": "Ae", "Ö": "Oe", "Ø": "Oe", "Ü": "Ue"}
)
_TOKENS: Final = re.compile(r"[a-z0-9]+")
LETTERS_APART: Final = re.compile(r"[a-z]+|[0-9]+")
_MARKED: Final = re.compile(r"[a-z]+|[0-9]+|\|")
_DOUBLED: Final = re.compile("(?<=a)[ae]+|(?<=[ou])e+")
_WORD: Final = re.compile(r"[^\W\d_]+")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SENTENCE: Final = re.compile(r"[.!?;:](?=\s)")
# So many letters are one word only, however its vowels are doubled.
_LEAST_SINGLED: Final = 5
# What stands where a name was replaced is nobody's name, even if somebody is called so.
_REPLACED: Final = re.compile(r"(?<= )a persons?(?= )")
_SOUNDS: Final = tuple(
    (re.compile(pattern), sounds)
    for pattern, sounds in (
        ("s(?:h|j)?(?:ch|tsch|tsj|tj)|s(?:ch|h|j)|z(?:h|j)", "s"),
        ("tsch|tsj|tch|[kc]h|tj", "h"),
        ("t[sz]|c", "z"),
        ("w", "v"),
        ("o[uy]", "u"),
        ("[yj]", "i"),
        ("i+", "i"),
        ("ie", "e"),
        ("([ae])f", r"\1v"),
        (r"(?<=[aeou])i\b", ""),
    )
)
# What stands beside a word of an address, a handle or a hashtag; some of it only where a word follows at once.
_IN_ADDRESS: Final = re.compile(r"(?:[@#/+\d]|(?<=[^\W_])[._-])$")
_TO_ADDRESS: Final = re.compile(r"[@#/+\d]|[._-][^\W_]")
Kind = Literal["row", "turned", "short", "sound", "inside"]


@dataclass(frozen=True, slots=True)
class Named:
    """One way to name somebody, in each spelling of it. A `row` of words (mostly one) is found between blanks, a
    `turned` one within a sentence, a `short` one with a capital, a `sound` by how it is pronounced; what is `inside`
    has letters that know no blanks.

    A `lone` one has no given name with it; `small`, where the mention itself has no capital.
    """

    kind: Kind
    spellings: tuple[str, ...]
    lone: bool = False
    small: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A text in plain letters, once a way to write them: words between blanks, and all of it without blanks."""

    spaced: tuple[str, ...]
    glued: tuple[str, ...]


@dataclass(frozen=True)
class NameText:
    """A text as names are looked for in it: as it is `shown`, in `rows` of words, the same with a mark behind each
    sentence, and what is written in letters that know no blanks."""

    shown: str
    rows: tuple[str, ...]
    sentences: tuple[str, ...]
    uncased: str

    @classmethod
    def of_all(cls, texts: list[NameText]) -> NameText:
        """Return several texts as one; no name reaches from one to the next."""
        rows = "\n".join(row for text in texts for row in text.rows)
        sentences = "\n".join(row for text in texts for row in text.sentences)
        shown = " | ".join(text.shown for text in texts)
        return cls(shown, (rows,), (sentences,), "\n".join(text.uncased for text in texts))

    @cached_property
    def capitals(self) -> tuple[str, ...]:
        """The words that begin with a capital."""
        found = (word for word in _WORD.findall(self.shown.translate(_APOSTROPHES)) if word[0].isupper())
        return _between_blanks(" | ".join(found), _MARKED)

    @cached_property
    def called(self) -> tuple[str, ...]:
        """The rows without the words of the language, which are written in small letters where others are not."""
        return self._rows_without(is_common=True)

    @cached_property
    def common(self) -> tuple[str, ...]:
        """The words of the language alone; none where the text has no capital."""
        return self._rows_without(is_common=False) if self.shown != self.shown.lower() else ()

    @cached_property
    def small(self) -> tuple[str, ...]:
        """The words that begin with a small letter."""
        text = self.shown.translate(_APOSTROPHES)
        return _between_blanks(_WORD.sub(lambda word: " | " if word[0][0].isupper() else word[0], text), _MARKED)

    @cached_property
    def called_sounds(self) -> tuple[str, ...]:
        return tuple(map(sound, self.called))

    @cached_property
    def common_sounds(self) -> tuple[str, ...]:
        return tuple(map(sound, self.common))

    @cached_property
    def sounds(self) -> tuple[str, ...]:
        return tuple(map(sound, self.rows))

    def says(self, named: Named) -> bool:
        match named.kind:
            case "row":
                return self._any(named, self.called if named.lone and not named.small else self.rows)
            case "turned":
                return self._any(named, self.sentences)
            case "short":
                return self._any(named, self.capitals)
            case "sound":
                is_apart = named.lone and not named.small
                return self._any(named, self.called_sounds if is_apart else self.sounds)
            case "inside":
                return any(form in self.uncased for form in named.spellings)

    def may_say(self, named: Named) -> bool:
        """Whether the text has it in any letters: capitals or none, at the start of a word or inside."""
        if named.kind == "inside":
            return self.says(named)
        return self._any(named, self.sounds if named.kind == "sound" else self.rows)

    def uses(self, named: Named) -> bool:
        """Whether the text has it as a word of the language."""
        if not named.lone or named.kind == "inside":
            return False
        if named.kind == "short":
            return self._any(named, self.small)
        return self._any(named, self.common_sounds if named.kind == "sound" else self.common)

    @staticmethod
    def _any(named: Named, rows: tuple[str, ...]) -> bool:
        return any(_stands(form, row) for row in rows for form in named.spellings)

    def _rows_without(self, *, is_common: bool) -> tuple[str, ...]:
        text = self.shown.translate(_APOSTROPHES)
        if text == text.lower():
            return self.rows

        def kept(word: re.Match[str]) -> str:
            small = word[0] == word[0].lower()
            before, behind = text[max(0, word.start() - 2) : word.start()], text[word.end() : word.end() + 2]
            common = small and not _IN_ADDRESS.search(before) and not _TO_ADDRESS.match(behind)
            return " | " if common is is_common else word[0]

        return _between_blanks(_WORD.sub(kept, text), _MARKED)


def seen(text: str) -> str:
    """Return a text without signs that do not show."""
    return text if text.isascii() else unicodedata.normalize("NFC", text.translate(_unseen()))


def words(text: str) -> Words:
    """`Kåre O'Nordmann`  ->  ` kare onordmann `, ` kaare onordmann `;  `kareonordmann`, `kaareonordmann`"""
    if text.isascii():
        row = " ".join(_TOKENS.findall(text.replace("'", "").replace("`", "").lower()))
        if not _DOUBLED.search(glue := row.replace(" ", "")):
            return Words((f" {row} ",), (glue,))
    spaced = dict.fromkeys(f" {row} " for row in rows_of(seen(text), _TOKENS))
    if is_uncased(text):
        spaced[f" {uncased(text)} "] = None
    glued = dict.fromkeys(row.replace(" ", "") for row in spaced)
    glued |= dict.fromkeys(_singled(row) for row in tuple(glued))
    return Words(tuple(spaced), tuple(glued))


def name_text(text: str) -> NameText:
    """Read a text as names are looked for in it."""
    shown = seen(text)
    # `KariNordmann` is one word, which a company may be called; `KariNordmannJoins` is three.
    apart = _WORD.sub(_taken_apart, shown) if _CAMEL.search(shown) else shown
    rows = _between_blanks(shown)
    if apart != shown:
        rows = tuple(dict.fromkeys((*rows, *_between_blanks(apart))))
    marked = _SENTENCE.sub(" | ", apart)
    sentences = rows if marked == apart else _between_blanks(marked, _MARKED)
    return NameText(shown, rows, sentences, f" {uncased(text)} " if is_uncased(text) else "")


def sound(text: str) -> str:
    """Return plain words as they are pronounced, however Cyrillic or Greek was written in Latin letters.

    `shchukin`, `schtschukin`  ->  `sukin`;  `yakovlev`, `jakowlew`  ->  `iakovlev`
    """
    for pattern, sounds in _SOUNDS:
        text = pattern.sub(sounds, text)
    return text


def is_uncased(text: str) -> bool:
    """Whether a text has letters of a script without capitals, in which words may stand without a blank."""
    return not text.isascii() and any(unicodedata.category(sign) == "Lo" for sign in text)


def uncased(text: str) -> str:
    """Return a text without marks and punctuation, in the letters it is written in."""
    parts = unicodedata.normalize("NFKD", seen(text).casefold())
    shown = "".join(sign for sign in parts if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[^\W_]+", shown))


def _taken_apart(word: re.Match[str]) -> str:
    parts, borders = _CAMEL.subn(" ", word[0])
    return parts if borders > 1 else word[0]


def _between_blanks(text: str, tokens: re.Pattern[str] = LETTERS_APART) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_REPLACED.sub("|", f" {row} ") for row in rows_of(text, tokens)))


def rows_of(text: str, tokens: re.Pattern[str]) -> Iterable[str]:
    """Yield a text in plain words, with each letter of its own written in one way and in the other."""
    joined = text.translate(_APOSTROPHES)
    ways = (joined,) if joined.isascii() else (in_ascii(joined), in_ascii(joined.translate(WIDE)))
    for way in ways:
        small = way.lower()
        found = tokens.findall(small)
        yield " ".join(found)
        if _DOUBLED.search(small):
            yield " ".join([_singled_word(word) for word in found])


def in_ascii(text: str) -> str:
    if text.isascii():
        return text
    from anyascii import anyascii

    return anyascii(text)


def _singled_word(word: str) -> str:
    single = _singled(word)
    return single if len(single) >= _LEAST_SINGLED else word


def _singled(text: str) -> str:
    """`oedegaard`  ->  `odegard`"""
    return _DOUBLED.sub("", text)


def _stands(form: str, row: str) -> bool:
    return f" {form} " in row or f" {form}s " in row


@cache
def _unseen() -> dict[int, None]:
    """Soft hyphens, joiners, marks of direction: all that has a place in a text and does not show."""
    return {code: None for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf"}
