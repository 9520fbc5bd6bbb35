"""What a text shows where it is written with entities, percent signs, tags and other ways to write a letter.

Every reading knows which signs of the text each of its own stands for, so that what is found in it can be cut out of
the text.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html.entities import html5
from typing import Final

Range = tuple[int, int]
# What a piece of a text stands for, and which signs of the text it is.
_Said = tuple[str, int, int]

# Each round undoes one more escaping of another kind.
_ROUNDS: Final = 8
# These are read by a browser without their semicolon, too.
_BARE_NAMES: Final = "|".join(sorted((name for name in html5 if name[-1] != ";"), key=len, reverse=True))
_ENTITY: Final = re.compile(rf"&(?:#\d{{1,7}};?|#[xX][0-9A-Fa-f]{{1,6}};?|[A-Za-z][A-Za-z0-9]{{1,31}};|{_BARE_NAMES})")
_PERCENTS: Final = re.compile(r"(?:%(?:25)*[0-9A-Fa-f]{2})+")
_PERCENT: Final = re.compile(r"%(?:25)*([0-9A-Fa-f]{2})")
_TAG: Final = re.compile(r"<[^<>]*>")
_TAG_IN_WORD: Final = re.compile(r"\w(?:<[^<>]*>)+\w")

# The signs that the bytes of a letter become where UTF-8 is read as if each byte were a letter of Western Europe.
_BYTES: Final = {bytes([at]).decode("cp1252", "ignore") or chr(at): at for at in range(0x80, 0x100)}
_BYTES.update({chr(at): at for at in range(0x80, 0xA0)})
_LEADS: Final = "".join(sign for sign, byte in _BYTES.items() if 0xC2 <= byte <= 0xF4)
_TRAILS: Final = "".join(sign for sign, byte in _BYTES.items() if byte < 0xC0)
_MISREAD: Final = re.compile(f"[{re.escape(_LEADS)}][{re.escape(_TRAILS)}]{{1,3}}")
_BACKSLASHED: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2}))")
_QUOTED: Final = re.compile(r"(?:=[89A-Fa-f][0-9A-Fa-f])+|=\r?\n")
_QUOTED_BYTE: Final = re.compile("=([0-9A-Fa-f]{2})")
_HOST_LABEL: Final = re.compile(r"(?i)(?<![a-z0-9-])xn--([a-z0-9-]+)")
_CODED: Final = re.compile(rf"(?i)\\[ux]|=[89A-F][0-9A-F]|=\r?\n|xn--|{_MISREAD.pattern}")
_JAMO: Final = re.compile("[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?")


@dataclass(frozen=True, slots=True)
class Shown:
    """A reading of a text. `places` says of each of its signs which of the text's it stands for (None: the same)."""

    text: str
    places: tuple[Range, ...] | None = None

    def place(self, at: int) -> Range:
        return (at, at + 1) if self.places is None else self.places[at]

    def rewritten(self, pattern: re.Pattern[str], say: Callable[[re.Match[str]], Iterable[_Said]]) -> Shown:
        """Return the reading with what `say` makes of each hit; what of a hit it does not speak of is gone."""
        parts: list[str] = []
        places: list[Range] = []
        at = 0
        for found in pattern.finditer(self.text):
            parts.append(self.text[at : found.start()])
            places += map(self.place, range(at, found.start()))
            for said, start, end in say(found):
                parts.append(said)
                places += [(self.place(start)[0], self.place(end - 1)[1])] * len(said)
            at = found.end()
        if at == 0:
            return self
        return Shown("".join((*parts, self.text[at:])), (*places, *map(self.place, range(at, len(self.text)))))


def readings(text: str) -> tuple[Shown, ...]:
    """Return a text as it is, as it shows without its tags, and as it is where letters are written in other codes."""
    plain = _in_rounds(Shown(text), _unescaped) if "&" in text or "%" in text else Shown(text)
    return _different((plain, *_without_tags(plain)))


def spoken(text: str) -> tuple[str, ...]:
    """Return what a text says: its readings without those that still have tags."""
    found = readings(text)
    without = tuple(each.text for each in found if not _TAG.search(each.text))
    return without or tuple(each.text for each in found)


def composed(shown: Shown) -> Shown:
    """Return a reading in which Korean syllables are one sign each."""
    return shown.rewritten(_JAMO, lambda found: [(unicodedata.normalize("NFC", found[0]), *found.span())])


def _different(found: Iterable[Shown]) -> tuple[Shown, ...]:
    return tuple({each.text: each for each in found}.values())


def _without_tags(plain: Shown) -> Iterator[Shown]:
    bare = plain
    if "<" in plain.text and _TAG.search(plain.text):
        bare = plain.rewritten(_TAG, _blank)
        yield bare
        if _TAG_IN_WORD.search(plain.text):
            yield plain.rewritten(_TAG, lambda _: ())
    if _CODED.search(bare.text):
        yield _in_rounds(bare, _decoded)


def _in_rounds(shown: Shown, undo: Callable[[Shown], Shown]) -> Shown:
    for _ in range(_ROUNDS):
        before, shown = shown, undo(shown)
        if shown.text == before.text:
            break
    return shown


def _unescaped(shown: Shown) -> Shown:
    return shown.rewritten(_ENTITY, _of_entity).rewritten(_PERCENTS, _of_percents)


def _decoded(shown: Shown) -> Shown:
    shown = shown.rewritten(_BACKSLASHED, _of_backslash).rewritten(_QUOTED, _of_quoted)
    return _unescaped(shown.rewritten(_MISREAD, _of_misread).rewritten(_HOST_LABEL, _of_label))


def _of_entity(found: re.Match[str]) -> Iterable[_Said]:
    return [(html.unescape(found[0]), *found.span())]


def _of_percents(found: re.Match[str]) -> Iterable[_Said]:
    return _of_bytes([(int(one[1], 16), *one.span()) for one in _PERCENT.finditer(found.string, *found.span())])


def _of_quoted(found: re.Match[str]) -> Iterable[_Said]:
    return _of_bytes([(int(one[1], 16), *one.span()) for one in _QUOTED_BYTE.finditer(found.string, *found.span())])


def _of_misread(found: re.Match[str]) -> Iterable[_Said]:
    start = found.start()
    return _of_bytes([(_BYTES[sign], start + at, start + at + 1) for at, sign in enumerate(found[0])])


def _of_bytes(given: list[tuple[int, int, int]]) -> Iterator[_Said]:
    """Yield the letters that bytes are in UTF-8, and what they are in Western Europe where they are none."""
    at = 0
    while at < len(given):
        lead = given[at][0]
        count = 1 + (lead >= 0xC0) + (lead >= 0xE0) + (lead >= 0xF0)
        some = given[at : at + count]
        try:
            said = bytes(byte for byte, _, _ in some).decode("utf-8")
        except UnicodeDecodeError:
            some = some[:1]
            said = bytes([lead]).decode("cp1252", "ignore") or chr(lead)
        yield said, some[0][1], some[-1][2]
        at += len(some)


def _of_backslash(found: re.Match[str]) -> Iterable[_Said]:
    code = int(next(filter(None, found.groups())), 16)
    is_sign = code <= 0x10FFFF and not 0xD800 <= code < 0xE000
    return [(chr(code) if is_sign else found[0], *found.span())]


def _of_label(found: re.Match[str]) -> Iterable[_Said]:
    """`xn--degrd-vuac`  ->  `ødegård`"""
    try:
        said = found[1].lower().encode("ascii").decode("punycode")
    except UnicodeError:
        said = found[0]
    return [(said, *found.span())]


def _blank(tag: re.Match[str]) -> Iterable[_Said]:
    """A tag divides words, but for the one that says where a word may be broken."""
    return () if tag[0][1:4].lower() == "wbr" else [(" ", *tag.span())]
