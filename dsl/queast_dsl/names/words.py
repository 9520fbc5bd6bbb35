"""Words of a name in plain lower-case letters, and whether letters of it pass themselves off as others.

"Société d'Énergie, S.A."  ->  societe, denergie, sa
"ООО Газпром"              ->  ooo, gazprom
"ΑCME" with a Greek alpha  ->  acme, disguised
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

# Longer names are cut: no company's is, and what is compared must not grow with what somebody pastes.
MAX_READ: Final = 256
# Of one character; some ligatures transliterate to a whole phrase.
_LONGEST_EXPANSION: Final = 8

_ASCII: Final = {code: " " for code in range(128) if not chr(code).isalnum()} | {
    ord("&"): " and ",
    ord("+"): " and ",
    ord("'"): None,
    ord("`"): None,
}
# Letters of living Latin alphabets that have no decomposition.
_LETTERS: Final = dict(
    zip("øæœßłđðþŋħŧəĸ", ("o", "ae", "oe", "ss", "l", "d", "d", "th", "ng", "h", "t", "a", "k"), strict=True)
)
_QUOTES: Final = dict.fromkeys(map(ord, "’‘ʼʻ´＇"), None)
# Whoever writes the dotless i writes these too, sooner or later; beside none of them it may be an i in disguise.
_TURKISH: Final = frozenset("ğşçöüəİ")
# Written without spaces, and beside Latin letters as a matter of course.
_EAST_ASIAN: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC"})
# Legal forms that stand before or behind a name without a space; the longest first.
_FORMS_WITHOUT_SPACE: Final = (
    *("股份有限公司", "有限责任公司", "有限責任公司", "株式会社", "有限会社", "合同会社", "주식회사", "유한회사"),
    *("有限公司", "股份公司", "集团公司"),
)


@dataclass(frozen=True, slots=True)
class Words:
    """`lookalike` is what the whole name looks like in Latin letters, None where it has no letters but those.
    `is_disguised`: a word mixes alphabets or has letters that no alphabet in use has."""

    words: tuple[str, ...]
    lookalike: str | None = None
    is_disguised: bool = False


@lru_cache(maxsize=16_384)
def read_words(text: str) -> Words:
    """Split a name into words. Single letters in a row are one word, as in `S. A.` or `U.S.`; `and` is none."""
    if text.isascii():
        return Words(_joined(text[:MAX_READ].lower().translate(_ASCII).split()))
    return _foreign(text[:MAX_READ])


def _joined(words: list[str]) -> tuple[str, ...]:
    """`["u", "s", "and", "p", "steel"]`  ->  `("usp", "steel")`."""
    if "and" in words:
        words = [word for word in words if word != "and"]
    before = False
    for word in words:
        single = len(word) == 1
        if single and before:
            break
        before = single
    else:
        return tuple(words)
    out: list[str] = []
    run = ""
    for word in words:
        if len(word) == 1:
            run += word
            continue
        if run:
            out.append(run)
            run = ""
        out.append(word)
    if run:
        out.append(run)
    return tuple(out)


def _foreign(text: str) -> Words:
    spaced = text.translate(_QUOTES)
    is_turkish = not _TURKISH.isdisjoint(spaced.lower())
    words: list[str] = []
    looks: list[str] = []
    is_disguised = False
    has_others = False
    for chunk in spaced.split():
        chunk_is_disguised, plain, look, is_other = _chunk(chunk, is_turkish)
        is_disguised |= chunk_is_disguised
        has_others |= is_other
        words += plain
        looks += look
    return Words(_joined(words), " ".join(_joined(looks)) if has_others else None, is_disguised)


@lru_cache(maxsize=4096)
def _chunk(chunk: str, is_turkish: bool) -> tuple[bool, list[str], list[str], bool]:
    """Return whether a chunk without spaces is disguised, its plain words, what they look like, and whether letters
    other than Latin ones were in it. The lists are shared: they must not be changed."""
    if chunk.isascii():
        words = chunk.lower().translate(_ASCII).split()
        return False, words, words, False
    is_disguised = _is_dressed_up(chunk)
    folded = _unmarked(chunk)
    plain: list[str] = []
    look: list[str] = []
    has_others = False
    for word in _apart(folded):
        if word.isascii():
            found = word.lower().translate(_ASCII).split()
            plain += found
            look += found
            continue
        latin = "".join(_LETTERS.get(letter, letter) for letter in word)
        if "ı" in latin:
            is_disguised |= not is_turkish
            latin = latin.replace("ı", "i")
        if latin.isascii():
            plain.append(latin)
            look.append(latin)
            continue
        has_others = True
        is_disguised |= _mixes_alphabets(latin)
        plain += _transliterated(latin)
        look += _skeleton(latin)
    return is_disguised, plain, look, has_others


def _unmarked(text: str) -> str:
    """`Énergie`  ->  `energie`."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(
        letter for letter in decomposed if unicodedata.category(letter) not in ("Mn", "Cf", "Cc", "Co", "Cs", "Cn")
    )
    # Composed again, or syllables of Hangul stay taken apart.
    return unicodedata.normalize("NFC", kept.translate(_QUOTES)).casefold()


def _apart(text: str) -> list[str]:
    """Split at what is no letter or digit, and between East Asian and other letters: `株式会社abc`  ->  both."""
    out: list[str] = []
    run = ""
    was_east_asian: bool | None = None
    for letter in text:
        if not (letter.isalnum() or unicodedata.category(letter) in ("Mc", "Lm")):
            if run:
                out.append(run)
            if letter in "&+":
                out.append(letter)
            run = ""
            continue
        is_east_asian = _script(letter) in _EAST_ASIAN
        if run and is_east_asian is not was_east_asian:
            out.append(run)
            run = ""
        was_east_asian = is_east_asian
        run += letter
    if run:
        out.append(run)
    return [part for word in out for part in _without_space(word)]


def _without_space(word: str) -> list[str]:
    """`株式会社トヨタ`  ->  `株式会社`, `トヨタ`."""
    if word.isascii() or word in _FORMS_WITHOUT_SPACE:
        return [word]
    for form in _FORMS_WITHOUT_SPACE:
        if word.startswith(form) and word != form:
            return [form, word.removeprefix(form)]
        if word.endswith(form) and word != form:
            return [word.removesuffix(form), form]
    return [word]


@lru_cache(maxsize=8192)
def _script(letter: str) -> str:
    """`д`  ->  `CYRILLIC`."""
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0].partition("-")[0]


def _mixes_alphabets(word: str) -> bool:
    scripts = {"LATIN" if letter.isascii() else _script(letter) for letter in word if letter.isalpha()}
    return len(scripts - _EAST_ASIAN) > 1 or any(
        # What is left of Latin here belongs to phonetics or to no language that names companies.
        not letter.isascii() and _script(letter) == "LATIN"
        for letter in word
    )


def _is_dressed_up(chunk: str) -> bool:
    """Say whether letters are variants that carry a meaning of their own elsewhere: `𝐚pple`, or one full-width letter
    among others. A word that is full-width throughout is how it is written in Japan."""
    wide = sum("\uff01" <= letter <= "\uff5e" for letter in chunk)
    ascii_letters = sum(letter.isascii() and letter.isalnum() for letter in chunk)
    return (wide > 0 and ascii_letters > 0) or any(
        unicodedata.decomposition(letter).startswith(("<font>", "<circle>", "<square>", "<super>", "<sub>"))
        and unicodedata.normalize("NFKC", letter).isascii()
        for letter in chunk
        if not letter.isascii()
    )


def _transliterated(word: str) -> list[str]:
    from anyascii import anyascii

    text = "".join(anyascii(letter)[:_LONGEST_EXPANSION] for letter in word)
    return text.lower().translate(_ASCII).split()


def _skeleton(word: str) -> list[str]:
    """Replace each letter by the Latin one that it is mistaken for; one that looks like none stays as it is."""
    return ["".join(_lookalike(letter) for letter in word)]


@lru_cache(maxsize=8192)
def _lookalike(letter: str) -> str:
    if letter.isascii():
        return letter
    # Its tables take as long to load as a command to start, and most names never need them.
    from confusable_homoglyphs import confusables

    found = confusables.is_confusable(letter, greedy=True)
    for each in found[0]["homoglyphs"] if found else ():
        if each["c"].isascii() and each["c"].isalnum():
            return str(each["c"]).lower()
    return letter
