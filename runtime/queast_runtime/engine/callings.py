"""The ways to name whoever a mention names, for the check at send.

It shares nothing with what replaces names at admission (`persons.py`): there a name is taken to its folded words, here
it is put together as a text would spell it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from queast_runtime.engine.rereading import (
    LETTERS_APART,
    WIDE,
    Kind,
    Named,
    in_ascii,
    is_uncased,
    rows_of,
    seen,
    sound,
    uncased,
)
from queast_runtime.engine.unescaping import spoken

_BRACKETED: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")
_NO_LETTERS: Final = re.compile(r"[\W\d_]+")
_ELSEWHERE: Final = re.compile("[\u0370-\u052f]")
# What one reading takes for a title, the other must not take for a surname.
_BEFORE: Final = (
    "mr mrs ms miss mx dr prof professor sir dame lord lady herr frau fru frk froken hr pan pani ing mag dipl dipling"
    " hc ceo cfo cto coo chair chairman chairwoman director direktor president"
)
_BEHIND: Final = "ii iii iv jr sr phd mba msc bsc md cpa esq ceo cfo cto coo chair director"
_BETWEEN: Final = "van von vom zu zur der den de da di del della dos du la le af av of y e i ten ter"
_TITLES: Final = frozenset(_BEFORE.split())
_ENDINGS: Final = frozenset(_BEHIND.split())
_JOINING: Final = frozenset(_BETWEEN.split())
_GLUED: Final = 6
_LONGEST: Final = 200
_MOST_WORDS: Final = 12
_LEAST_LETTERS: Final = 2
_PLAIN_LETTERS: Final = 3
_HALF_LETTERS: Final = 4
_SOUND_LETTERS: Final = 5
_SYLLABLES: Final = 4
_HANDLE: Final = re.compile(r"[@#]([\w.+-]+)|([\w.+-]+)@[\w.-]+|([^\W\d_]+)")
_HUMPS: Final = re.compile("(?<=[a-zåäöøüæ])(?=[A-ZÅÄÖØÜÆ])")
_OWN_PREFIX: Final = frozenset(("mac", "fitz", "van", "von"))
_LATIN: Final = re.compile("[A-Za-z]+")


def names(mention: str) -> tuple[Named, ...]:
    """Return the ways to name whoever a mention names: in the order it is written in, turned round, glued, by the
    surname alone."""
    return tuple(dict.fromkeys(named for said in spoken(mention) for named in _names(said)))


def _names(said: str) -> Iterator[Named]:
    shown = seen(said)[:_LONGEST]
    text = _BRACKETED.sub(" ", shown)
    text = shown if text.isspace() else text
    halves = [half.split() for half in re.sub(r"['\u2019\u2018\u02bc]s?(?!\w)", "", text).split(",")]
    halves = [half for half in (_without_titles(half) for half in halves) if half]
    ways = [_of_handle(text.partition(",")[0].strip())]
    if halves:
        is_turned = len(halves) > 1 and len(halves[0]) == 1
        ways.append(halves[1] + halves[0] if is_turned else halves[0])
    for given in filter(None, ways):
        if is_uncased(text):
            yield from _of_uncased(given)
            continue
        # `Nordmann-led` is Nordmann, too.
        apart = [given[0], *(half for word in given[1:] for half in _halves(word) or (word,))]
        found = [named for way in (given, apart)[: 1 + (apart != given)] for named in _named(way) if named.spellings]
        if _ELSEWHERE.search(text):
            found += _sounds(found)
        is_small = text == text.lower()
        yield from (replace(named, small=True) if is_small and named.lone else named for named in found)


def _sounds(found: list[Named]) -> Iterator[Named]:
    for lone in (False, True):
        rows = [form for named in found if named.kind == "row" and named.lone is lone for form in named.spellings]
        forms = dict.fromkeys(sound(form) for form in rows)
        # What is short sounds like many a word.
        yield Named("sound", tuple(form for form in forms if not lone or len(form) >= _SOUND_LETTERS), lone)


def _of_handle(text: str) -> list[str]:
    """`@KariNordmann`, `kari.nordmann@acme.no`  ->  `Kari`, `Nordmann`; none where nothing says where a word ends."""
    if (found := _HANDLE.fullmatch(text)) is None:
        return []
    pieces = re.split(r"[\W\d_]+", found[1] or found[2]) if found[3] is None else [found[3]]
    parts = [part for piece in pieces if piece for part in _humps_of(piece)]
    return parts if len(parts) > 1 and len(parts[-1]) >= _LEAST_LETTERS else []


def _humps_of(word: str) -> list[str]:
    parts = _HUMPS.split(word)
    return parts if min(map(len, parts)) >= _PLAIN_LETTERS and parts[0].lower() not in _OWN_PREFIX else [word]


def _of_uncased(given: list[str]) -> Iterator[Named]:
    """Yield the name in its own letters, and as the syllables of a whole one are in Latin ones."""
    yield Named("inside", (uncased(" ".join(given)),))
    if len(given) > 1:
        yield Named("inside", (uncased(given[-1]),), lone=True)
    heard = [word.lower() for sign in "".join(given) for word in _LATIN.findall(in_ascii(sign))]
    if len(heard) < _LEAST_LETTERS:
        return
    first, rest = heard[0], "".join(heard[1:])
    rows = [" ".join(heard), f"{first} {rest}", f"{rest} {first}"]
    if len(heard) <= _SYLLABLES:
        rows += (f"{''.join(heard[:at])} {''.join(heard[at:])}" for at in range(1, len(heard)))
    rows += [glued for glued in (first + rest, rest + first) if len(glued) >= _GLUED]
    yield Named("row", tuple(dict.fromkeys(rows)))


def _named(given: list[str]) -> Iterator[Named]:
    first, last = given[0], given[-1]
    if len(given) > 1:
        yield _spelled("row", " ".join(given))
        if len(_letters(whole := "".join(given))) >= _GLUED:
            yield _spelled("row", _letters(whole))
    for at, later in enumerate(given[1:], 1):
        if _plain(later) in _JOINING or len(_letters(later)) < _LEAST_LETTERS:
            continue
        yield from _beside(first, later)
        if group := _with_particles(given, at):
            # `Jan van den Berg`  ->  also `Jan Vandenberg`, `jvandenberg`, and `Vandenberg` alone
            yield from _beside(first, _letters("".join(group)))
            yield _spelled("turned", f"{' '.join(group)} {first}")
            handle = "".join(_letters(word)[0] for word in (first, *group[:-1])) + _letters(later)
            if len(handle) > _GLUED:
                yield _spelled("row", handle)
            if len(surname := _letters("".join(group))) >= _GLUED:
                yield replace(_spelled("row", surname), lone=True)
    if len(_letters(last)) >= _LEAST_LETTERS:
        is_short = len(_letters(last)) < _PLAIN_LETTERS
        # Without its own letters `Ås` is `as`, which stands behind many a company's name.
        way = _spelled("short", last.translate(WIDE)) if is_short else _spelled("row", last)
        yield replace(way, lone=True)
        yield from (replace(_spelled("row", half), lone=True) for half in _halves(last))


def _beside(first: str, later: str) -> Iterator[Named]:
    yield _spelled("row", f"{first} {later}")
    yield _spelled("turned", f"{later} {first}")
    if len(_letters(first + later).casefold()) >= _GLUED:
        yield _spelled("row", _letters(first + later))
        yield _spelled("row", _letters(later + first))
        yield _spelled("row", first + later)
    if len(_letters(later).casefold()) >= _GLUED:
        yield _spelled("row", _letters(first)[0] + _letters(later))


def _with_particles(given: list[str], at: int) -> list[str]:
    start = at
    while start > 1 and _plain(given[start - 1]) in _JOINING:
        start -= 1
    return given[start : at + 1] if start < at else []


def _halves(word: str) -> list[str]:
    halves = [half for half in re.split(r"[-‐‑]", word) if half]
    counts = [len(_letters(half.casefold())) for half in halves]
    is_two = len(halves) > 1 and min(counts) >= _LEAST_LETTERS
    return [half for half, count in zip(halves, counts, strict=True) if count >= _HALF_LETTERS] if is_two else []


def _spelled(kind: Kind, text: str) -> Named:
    return Named(kind, tuple(dict.fromkeys(row for row in rows_of(text, LETTERS_APART) if row)))


def _without_titles(given: list[str]) -> list[str]:
    kept = [word for word in given if _plain(word) and not any(sign.isdigit() for sign in word)]
    if given and given[0][0].isdigit():
        return []
    while len(kept) > 1 and _plain(kept[0]) in _TITLES:
        kept = kept[1:]
    while len(kept) > 1 and _plain(kept[-1]) in _ENDINGS:
        kept = kept[:-1]
    kept = kept[:_MOST_WORDS]
    return [] if len(kept) == 1 and _plain(kept[0]) in _TITLES | _ENDINGS else kept


def _plain(word: str) -> str:
    return _letters(in_ascii(word)).lower()


def _letters(word: str) -> str:
    return _NO_LETTERS.sub("", word)
