"""Companies made up by a seeded generator, shaped like a CRM's: rare names, common words, legal forms, places."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

_STARTS = "b br c ch d dr f fl g gr h j k kl kr l m n p pl pr r s sk sl sp st t tr v w z"
_VOWELS = "a e i o u ai ea ie ou y"
_ENDS = "l m n r s t x nd rt ck ld ns rk"
_COMMON = (
    "group international technologies energy capital resources pharmaceuticals systems industries global financial"
    " services bank solutions partners health medical insurance engineering consulting logistics foods software media"
    " marine properties construction electric power motors chemicals mining steel paper textiles research institute"
    " university hospital national royal first united general central north south east west new great"
)
_FORMS = ("Ltd", "Inc.", "AS", "ASA", "GmbH", "AG", "S.A.", "PLC", "LLC", "AB", "Oy", "B.V.", "S.r.l.", "Co., Ltd.", "")
_PLACES = (
    *(("NO", "Oslo"), ("NO", "Bergen"), ("SE", "Stockholm"), ("DK", "København"), ("DE", "Berlin"), ("DE", "München")),
    *(("FR", "Paris"), ("GB", "London"), ("US", "New York"), ("US", "Boston"), ("NL", "Utrecht"), ("IT", "Milano")),
)


@dataclass(frozen=True, slots=True)
class MadeUp:
    id: str
    name: str
    country: str
    city: str
    domain: str


def records(count: int, seed: int = 1) -> Iterator[MadeUp]:
    """Yield `count` records; those of one seed are always the same. About every other name has a word of its own."""
    chance = random.Random(seed)
    common = _COMMON.split()
    weights = [1 / (rank + 1) for rank in range(len(common))]
    # As in life a word of a name is now and then that of another company too.
    rare = [_word(chance) for _ in range(max(1, count * 3 // 4))]
    for number in range(count):
        words = [chance.choice(rare).capitalize()]
        if chance.random() < 0.3:
            words.append(chance.choice(rare).capitalize())
        words += [word.capitalize() for word in chance.choices(common, weights, k=chance.choice((0, 1, 1, 2, 2, 3)))]
        if chance.random() < 0.1:
            words[0] = words[0].replace("o", "ø").replace("a", "á")
        country, city = chance.choice(_PLACES)
        domain = f"{words[0].lower()}{number % 97}.com" if chance.random() < 0.6 else ""
        if not domain.isascii():
            domain = ""
        yield MadeUp(f"r{number}", " ".join((*words, chance.choice(_FORMS))).strip(), country, city, domain)


def queries(known: list[MadeUp], count: int, seed: int = 2) -> list[MadeUp]:
    """Return names to look up: a third as they are, a third written differently, a third that nobody has."""
    chance = random.Random(seed)
    strangers = records(count, seed + 1000)
    out: list[MadeUp] = []
    for number in range(count):
        one = chance.choice(known)
        if number % 3 == 1:
            one = replace(one, name=one.name.upper().replace(" GROUP", "").replace(" AS", ""), domain="")
        out.append(next(strangers) if number % 3 == 2 else one)
    return out


def _word(chance: random.Random) -> str:
    starts, vowels, ends = _STARTS.split(), _VOWELS.split(), _ENDS.split()
    return "".join(
        chance.choice(starts) + chance.choice(vowels) + (chance.choice(ends) if chance.random() < 0.4 else "")
        for _ in range(chance.choice((2, 2, 3)))
    )
