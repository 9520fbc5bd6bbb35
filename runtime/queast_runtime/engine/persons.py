"""The forms that name the same person as a mention does: turned round, glued together, without titles, by a surname.

A mention is read as any text is (`escapes.py`), so that it names the same whether it holds entities, tags or neither.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from queast_runtime.engine.escapes import spoken
from queast_runtime.engine.letters import fold, has_no_case, keys, transliterated

# A single word of fewer letters is a word of the language, too, unless it is written with a capital.
PLAIN_LETTERS: Final = 3
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
# `KariNordmann` is two words in a mention, `McDonald` and `MacLeod` are one.
_CAMEL_LETTERS: Final = 3

# No name is longer; of a mention that is, its start is looked for elsewhere.
_LONGEST: Final = 200
_MOST_WORDS: Final = 12
_BEFORE: Final = (
    "dr prof professor mr mrs ms miss mx herr frau fru frk froken hr pan pani sir dame lord lady mag ing dipl dipling"
    " hc ceo cfo cto coo chair chairman chairwoman director direktor president"
)
_BEHIND: Final = "jr sr ii iii iv phd mba msc bsc md cpa esq ceo cfo cto coo chair director"
_PARTICLES: Final = "van von vom zu zur der den de da di del della dos du la le af av of y e i ten ter"
TITLES_BEFORE: Final = frozenset(_BEFORE.split())
_TITLES_BEHIND: Final = frozenset(_BEHIND.split())
_JOINING: Final = frozenset(_PARTICLES.split())
_BRACKETS: Final = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")
_POSSESSIVE: Final = re.compile(r"['\u2019\u2018\u02bc\u00b4`]s?$", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[@#]?([\w.+-]+)(?:@[\w.-]+)?")
_NO_LETTERS: Final = re.compile(r"[\W\d_]+")
_HYPHEN: Final = re.compile("[-\u2010\u2011]")
_CAMEL: Final = re.compile(r"(?<=[^\W\d_])(?=[A-ZÅÄÖØÜÆ][^\W\d_])(?<![A-ZÅÄÖØÜÆ])")
_PREFIXES: Final = frozenset(("mac", "fitz", "van", "von"))
_Part = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """One way to name somebody: folded words in a row. One of a single word may need a capital to be a name; one that
    is `turned` round does not reach over the end of a sentence, behind which the person is named again.

    A `lone` one has no given name with it: in small letters it may be a word of the language, unless it is `small` in
    the mention, too.
    """

    words: tuple[str, ...]
    needs_capital: bool = False
    turned: bool = False
    lone: bool = False
    small: bool = False


def forms(name: str) -> tuple[Form, ...]:
    """Return the forms that name the same person as the text of a mention.

    `Dr. Kari A. Nordmann`  ->  the whole; `kari nordmann`, also turned round, glued and as `knordmann`; `nordmann`
    """
    found: dict[Form, None] = {}
    for text in spoken(name):
        for words in _orders(text):
            made = dict.fromkeys(_of_words(words))
            if (stem := _without_genitive(words[-1])) is not None:
                lone = sum(map(len, stem)) >= _GENITIVE_LETTERS - 1
                made |= dict.fromkeys(f for f in _of_words([*words[:-1], stem]) if lone or len(f.words) > 1)
            is_small = text == text.lower()
            found |= dict.fromkeys(replace(each, small=True) if is_small and each.lone else each for each in made)
    return tuple(found)


def _of_words(words: list[_Part]) -> Iterator[Form]:
    whole = tuple(part for word in words for part in word)
    if has_no_case("".join(whole)):
        yield from _without_case(words, whole)
        return
    first, last = words[0], words[-1]
    if len(words) == 1:
        yield from _surname(last)
        return
    yield from _joined(whole)
    for at, later in enumerate(words[1:], 1):
        if later[0] in _JOINING or len("".join(later)) < _LEAST_LETTERS:
            continue
        named = [later, *_particled(words, at)]
        for one, other in product(_ways(first, first[:1]), _ways(*named)):
            yield from _joined((*one, *other))
            yield from _joined((*other, *one), turned=True)
        if len("".join(later)) >= _INITIAL_LETTERS - 1:
            yield Form((first[0][0] + "".join(later),))
        for group in _particled(words, at):
            # `jvandenberg`, `jvdberg`; and the surname alone, written as one word.
            initials = "".join(part[0] for part in group[: -len(later)])
            handles = (first[0][0] + end for end in ("".join(group), initials + "".join(later)))
            yield from (Form((handle,)) for handle in handles if len(handle) >= _INITIAL_LETTERS)
            yield from _lone(form for form in _joined(group) if len(form.words) < len(group))
    yield from _surname(last)
    for middle in words[1:-1]:
        if len(middle) == 1 and len(middle[0]) >= _MIDDLE_LETTERS and middle[0] not in _JOINING:
            yield Form(middle, needs_capital=True, lone=True)


def _without_case(words: list[_Part], whole: _Part) -> Iterator[Form]:
    yield Form(whole)
    if len(words) > 1:
        yield Form(words[-1], lone=True)
    # Nobody writes one word of it in Latin letters and means this person only.
    latin = tuple(part for word in whole for part in transliterated(word))
    if len(latin) > 1:
        yield from _joined(latin)
        yield from _joined((latin[0], "".join(latin[1:])))
        yield from _joined(("".join(latin[1:]), latin[0]))


def _particled(words: list[_Part], at: int) -> Iterator[_Part]:
    """`jan`, `van`, `den`, `berg`  ->  `van den berg`, which is one surname; none without such words before it."""
    start = at
    while start > 1 and words[start - 1][0] in _JOINING:
        start -= 1
    if start < at:
        yield tuple(part for word in words[start : at + 1] for part in word)


def _halves(word: _Part) -> Iterable[str]:
    if len(word) == 1 or min(map(len, word)) < _LEAST_LETTERS:
        return ()
    return (half for half in word if len(half) >= _HALF_LETTERS)


def _ways(*words: _Part) -> Iterable[_Part]:
    """`d`, `arcy`  ->  the same, and `darcy`"""
    return dict.fromkeys((*words, *(("".join(word),) for word in words)))


def _surname(word: _Part) -> Iterator[Form]:
    if len(word) == 1:
        if len(word[0]) >= _LEAST_LETTERS:
            yield Form(word, needs_capital=len(word[0]) < PLAIN_LETTERS, lone=True)
        return
    # `Nygaard-Holm-led` is Nygaard-Holm, too.
    for end in dict.fromkeys((*range(2, min(len(word), _GLUED_IN_PART)), len(word))):
        yield from _lone(_joined(word[:end], least=PLAIN_LETTERS))
    yield from (Form((half,), lone=True) for half in _halves(word))


def _lone(given: Iterable[Form]) -> Iterator[Form]:
    return (replace(form, lone=True) for form in given)


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
    if handle := _of_handle(bare.partition(",")[0].strip()):
        yield handle
    match halves:
        case []:
            return
        case [words]:
            yield words
            if (others := _words(bare, apart=True)) and others != words:
                yield others
        case [[surname], others, *_]:
            yield [*others, surname]
        case [words, *_]:
            yield words
            if (parts := _words(bare.partition(",")[0], apart=True)) and parts != words:
                yield parts
            yield [part for half in (*halves[1:], words) for part in half]


def _shown(name: str) -> str:
    return "".join(sign for sign in name if unicodedata.category(sign) != "Cf")


def _of_handle(text: str) -> list[_Part]:
    """`@KariNordmann`, `kari.nordmann@acme.no`  ->  `kari`, `nordmann`; none where nothing says where a word ends."""
    is_address = text[:1] in ("@", "#") or "@" in text
    if (found := _ADDRESS.fullmatch(text)) is None:
        return []
    pieces = _NO_LETTERS.split(found[1]) if is_address else [found[1]]
    words = [fold(word).letters for piece in pieces for word in _in_camel(piece) if word]
    return [(word,) for word in words] if len(words) > 1 and len(words[-1]) >= _LEAST_LETTERS else []


def _in_camel(word: str) -> list[str]:
    parts = _CAMEL.sub(" ", word).split()
    is_camel = min(map(len, parts), default=0) >= _CAMEL_LETTERS and parts[0].lower() not in _PREFIXES
    return parts if is_camel and word.isalpha() else [word]


def _words(text: str, *, apart: bool = False) -> list[_Part]:
    """Return the words of a name without titles; with `apart` each half of a hyphenated surname is one."""
    found: list[_Part] = []
    chunks = text.split()
    if apart:
        chunks = chunks[:1] + [half for chunk in chunks[1:] for half in _hyphenated(chunk)]
    for chunk in chunks:
        bare = _POSSESSIVE.sub("", chunk.strip('.,;:!?"\u201c\u201d\u201e\u00ab\u00bb()[]{}<>/'))
        if any(sign.isdigit() for sign in bare):
            continue
        parts = tuple(word.letters for word in fold(bare).words())
        if parts:
            found.append(parts)
    start, end = 0, len(found)
    while end - start > 1 and keys("".join(found[start]))[0] in TITLES_BEFORE:
        start += 1
    while end - start > 1 and keys("".join(found[end - 1]))[0] in _TITLES_BEHIND:
        end -= 1
    kept = found[start : min(end, start + _MOST_WORDS)]
    alone = "".join(kept[0]) if len(kept) == 1 else ""
    return [] if alone in TITLES_BEFORE or alone in _TITLES_BEHIND else kept


def _hyphenated(chunk: str) -> list[str]:
    """`Nordmann-led`  ->  `Nordmann`"""
    halves = [half for half in _HYPHEN.split(chunk) if half]
    counts = [sum(len(word.letters) for word in fold(half).words()) for half in halves]
    if len(halves) < 2 or min(counts) < _LEAST_LETTERS:
        return [chunk]
    return [half for half, count in zip(halves, counts, strict=True) if count >= _HALF_LETTERS] or [chunk]


def _without_genitive(word: _Part) -> _Part | None:
    end = word[-1]
    if len(end) < PLAIN_LETTERS + 1 or end[-1] != "s" or end[-2] in "aeiouyåæøäöüs":
        return None
    return (*word[:-1], end[:-1])
