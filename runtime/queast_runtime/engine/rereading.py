"""How the check at send reads a text, and the names in it.

It shares nothing with what replaces names at admission (`letters.py`, `names.py`) but the language's own tables: there
a text is taken apart by its signs, with their places; here it is brought to plain letters as a whole, in each of the
ways in which such letters are written, and searched. What one of them misses, the other finds.
"""

from __future__ import annotations

import html
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal
from urllib.parse import unquote

# Percent signs and entities are read until nothing changes: each round undoes one more escaping of another kind.
_ROUNDS: Final = 8
_NESTED: Final = re.compile("%(?:25)+(?=[0-9A-Fa-f]{2})")
_TAG: Final = re.compile(r"<[^<>]*>")
_APOSTROPHES: Final = dict.fromkeys(map(ord, "'`\u00b4\u2018\u2019\u02bc\u02bb\uff07"))
_WIDE: Final = str.maketrans(
    {"å": "aa", "ä": "ae", "ö": "oe", "ø": "oe", "ü": "ue"} | {"Å": "Aa", "Ä": "Ae", "Ö": "Oe", "Ø": "Oe", "Ü": "Ue"}
)
_TOKENS: Final = re.compile(r"[a-z0-9]+")
_LETTERS_APART: Final = re.compile(r"[a-z]+|[0-9]+")
_MARKED: Final = re.compile(r"[a-z]+|[0-9]+|\|")
_DOUBLED: Final = re.compile("(?<=a)[ae]+|(?<=[ou])e+")
_WORD: Final = re.compile(r"[^\W\d_]+")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SENTENCE: Final = re.compile(r"[.!?;:](?=\s)")
# So many letters are one word only, however its vowels are doubled.
_LEAST_SINGLED: Final = 5
# What stands where a name was replaced is nobody's name, even if somebody is called so.
_REPLACED: Final = re.compile(r"(?<= )a persons?(?= )")
_BRACKETED: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")
_NO_LETTERS: Final = re.compile(r"[\W\d_]+")
_ELSEWHERE: Final = re.compile("[\u0370-\u052f]")
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
_BEFORE: Final = "dr prof mr mrs ms miss herr frau fru frk hr pan pani sir ing dipl hc"
_BEHIND: Final = "jr sr ii iii iv phd mba msc bsc md cpa esq ceo cfo cto"
_BETWEEN: Final = "van von vom zu zur der den de da di del della dos du la le af av of y e i ten ter"
_TITLES: Final = frozenset(_BEFORE.split())
_ENDINGS: Final = frozenset(_BEHIND.split())
_JOINING: Final = frozenset(_BETWEEN.split())
_GLUED: Final = 6
_LONGEST: Final = 200
_LEAST_LETTERS: Final = 2
_PLAIN_LETTERS: Final = 3
Kind = Literal["row", "turned", "short", "sound", "inside"]


@dataclass(frozen=True, slots=True)
class Named:
    """One way to name somebody, in each spelling of it. A `row` of words (mostly one) is found between blanks, a
    `turned` one within a sentence, a `short` one with a capital, a `sound` by how it is pronounced; what is `inside`
    has letters that know no blanks."""

    kind: Kind
    spellings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """A text in plain letters, once a way to write them: words between blanks, and all of it without blanks."""

    spaced: tuple[str, ...]
    glued: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameText:
    """A text as names are looked for in it: as it is `shown`, in `rows` of words, the same with a mark behind each
    sentence, and what is written in letters that know no blanks."""

    shown: str
    rows: tuple[str, ...]
    sentences: tuple[str, ...]
    uncased: str

    def says(self, named: Named) -> bool:
        match named.kind:
            case "row":
                return any(_stands(form, row) for row in self.rows for form in named.spellings)
            case "turned":
                return any(_stands(form, row) for row in self.sentences for form in named.spellings)
            case "short":
                return any(_stands(form, row) for row in _capitals(self.shown) for form in named.spellings)
            case "sound":
                return any(_stands(form, sound(row)) for row in self.rows for form in named.spellings)
            case "inside":
                return any(form in self.uncased for form in named.spellings)

    def holds(self, named: Named) -> bool:
        """Whether a public text says it, as it is: no genitive, whatever the case."""
        if named.kind == "inside":
            return any(f" {form} " in self.uncased for form in named.spellings)
        rows = map(sound, self.rows) if named.kind == "sound" else self.rows
        return any(f" {form} " in row for row in rows for form in named.spellings)


def readings(text: str) -> tuple[str, ...]:
    """Links are percent-encoded, tags hold values inside, signs are escaped, several times over: every reading."""
    if text.isascii() and "&" not in text and "%" not in text and "<" not in text:
        return (text,)
    said = text
    for _ in range(_ROUNDS):
        before, said = said, unquote(_NESTED.sub("%", html.unescape(said)))
        if said == before:
            break
    shown = html.unescape(_TAG.sub(" ", text))
    found = (shown, html.unescape(text), said, _TAG.sub(" ", said), _TAG.sub("", said))
    return tuple(dict.fromkeys(found))


def seen(text: str) -> str:
    """Return a text without signs that do not show."""
    return text if text.isascii() else unicodedata.normalize("NFC", text.translate(_unseen()))


def words(text: str) -> Words:
    """`Kåre O'Nordmann`  ->  ` kare onordmann `, ` kaare onordmann `;  `kareonordmann`, `kaareonordmann`"""
    if text.isascii():
        row = " ".join(_TOKENS.findall(text.replace("'", "").replace("`", "").lower()))
        if not _DOUBLED.search(glue := row.replace(" ", "")):
            return Words((f" {row} ",), (glue,))
    spaced = dict.fromkeys(f" {row} " for row in _rows(seen(text), _TOKENS))
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


def names(mention: str) -> tuple[Named, ...]:
    """Return the ways to name whoever a mention names: in the order it is written in, turned round, glued, by the
    surname alone."""
    shown = seen(mention)[:_LONGEST]
    text = _BRACKETED.sub(" ", shown)
    text = shown if text.isspace() else text
    halves = [half.split() for half in re.sub(r"['\u2019\u2018\u02bc]s?(?!\w)", "", text).split(",")]
    halves = [half for half in (_without_titles(half) for half in halves) if half]
    if not halves:
        return ()
    given = halves[1] + halves[0] if len(halves) > 1 and len(halves[0]) == 1 else halves[0]
    if is_uncased(text):
        return tuple(Named("inside", (form,)) for form in dict.fromkeys((uncased(" ".join(given)), uncased(given[-1]))))
    found = [named for named in _named(given) if named.spellings]
    if _ELSEWHERE.search(text):
        rows = [form for named in found if named.kind == "row" for form in named.spellings]
        found.append(Named("sound", tuple(dict.fromkeys(sound(form) for form in rows))))
    return tuple(dict.fromkeys(found))


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


def _named(given: list[str]) -> Iterator[Named]:
    first, last = given[0], given[-1]
    if len(given) > 1:
        yield _spelled("row", " ".join(given))
    for later in given[1:]:
        if _plain(later) in _JOINING or len(_letters(later)) < _LEAST_LETTERS:
            continue
        yield _spelled("row", f"{first} {later}")
        yield _spelled("turned", f"{later} {first}")
        if len(_letters(first + later).casefold()) >= _GLUED:
            yield _spelled("row", _letters(first + later))
            yield _spelled("row", _letters(later + first))
            yield _spelled("row", first + later)
        if len(_letters(later).casefold()) >= _GLUED:
            yield _spelled("row", _letters(first)[0] + _letters(later))
    if len(_letters(last)) >= _LEAST_LETTERS:
        is_short = len(_letters(last)) < _PLAIN_LETTERS
        # Without its own letters `Ås` is `as`, which stands behind many a company's name.
        yield _spelled("short", last.translate(_WIDE)) if is_short else _spelled("row", last)


def _spelled(kind: Kind, text: str) -> Named:
    return Named(kind, tuple(dict.fromkeys(row for row in _rows(text, _LETTERS_APART) if row)))


def _without_titles(given: list[str]) -> list[str]:
    kept = [word for word in given if _plain(word) and not any(sign.isdigit() for sign in word)]
    if given and given[0][0].isdigit():
        return []
    while len(kept) > 1 and _plain(kept[0]) in _TITLES:
        kept = kept[1:]
    while len(kept) > 1 and _plain(kept[-1]) in _ENDINGS:
        kept = kept[:-1]
    return [] if len(kept) == 1 and _plain(kept[0]) in _TITLES | _ENDINGS else kept


def _plain(word: str) -> str:
    return _letters(_in_ascii(word)).lower()


def _letters(word: str) -> str:
    return _NO_LETTERS.sub("", word)


def _taken_apart(word: re.Match[str]) -> str:
    parts, borders = _CAMEL.subn(" ", word[0])
    return parts if borders > 1 else word[0]


def _capitals(text: str) -> tuple[str, ...]:
    """Return the words of a text that begin with a capital, in rows."""
    found = (word for word in _WORD.findall(text.translate(_APOSTROPHES)) if word[0].isupper())
    return _between_blanks(" | ".join(found), _MARKED)


def _between_blanks(text: str, tokens: re.Pattern[str] = _LETTERS_APART) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_REPLACED.sub("|", f" {row} ") for row in _rows(text, tokens)))


def _rows(text: str, tokens: re.Pattern[str]) -> Iterable[str]:
    """Yield a text in plain words, with each letter of its own written in one way and in the other."""
    joined = text.translate(_APOSTROPHES)
    ways = (joined,) if joined.isascii() else (_in_ascii(joined), _in_ascii(joined.translate(_WIDE)))
    for way in ways:
        small = way.lower()
        found = tokens.findall(small)
        yield " ".join(found)
        if _DOUBLED.search(small):
            yield " ".join([_singled_word(word) for word in found])


def _in_ascii(text: str) -> str:
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
