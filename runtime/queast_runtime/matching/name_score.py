"""How alike two companies' names are: words weighted by how rare they are among the CRM's records."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from queast_dsl.names.synonyms import KINDS, OPTIONAL
from queast_runtime.matching.companies import Company

# A shortened word has at least so many letters.
_SHORTEST_PREFIX: Final = 3


class Rarity(Protocol):
    """What is known of all records: how many there are, and how many of them have a token."""

    @property
    def count(self) -> int: ...

    def frequency(self, token: str) -> int: ...


@dataclass(frozen=True, slots=True)
class CountedRarity:
    """`frequencies` holds the tokens that are asked for; one that is not in it nobody has."""

    count: int
    frequencies: Mapping[str, int]

    def frequency(self, token: str) -> int:
        return self.frequencies.get(token, 0)


def weight(count: int, frequency: int) -> float:
    """Return what a token weighs (nats): a word of one record in 100,000 weighs 11.5, one that all have 0.7."""
    return math.log(1.0 + count / (frequency or 1))


@dataclass(frozen=True, slots=True)
class NameScore:
    """`plain` is the share of the names' weight that is common to both, from 0 to 1; `supported` the same with words
    forgiven that domain or city vouch for. The tuples are tokens in their order: of both, and of one side only."""

    plain: float
    supported: float
    shared: tuple[str, ...]
    only_ours: tuple[str, ...]
    only_theirs: tuple[str, ...]


def score_names(ours: Company, theirs: Company, rarity: Rarity, *, same_domain: bool, same_city: bool) -> NameScore:
    """Compare two names. `same_domain`: of a domain that no other record has; `same_city`: and of the same country."""
    mine, other = ours.tokens, theirs.tokens
    mine_set, other_set = frozenset(mine), frozenset(other)
    shared = tuple(token for token in mine if token in other_set)
    only_ours = tuple(token for token in mine if token not in other_set)
    only_theirs = tuple(token for token in other if token not in mine_set)
    count = rarity.count
    common = sum(weight(count, rarity.frequency(token)) for token in shared)
    left = {token: weight(count, rarity.frequency(token)) for token in (*only_ours, *only_theirs)}
    plain = _dice(common, sum(left.values()))
    supported = plain
    if shared and left and (same_domain or same_city):
        supported = _supported(common, only_ours, only_theirs, left, same_domain)
    return NameScore(plain, supported, shared, only_ours, only_theirs)


def _dice(common: float, rest: float) -> float:
    return 2 * common / (2 * common + rest) if common else 0.0


def _supported(
    common: float,
    only_ours: tuple[str, ...],
    only_theirs: tuple[str, ...],
    left: Mapping[str, float],
    same_domain: bool,
) -> float:
    """`Acme Pharm` and `Acme Pharmaceuticals` in one city, `Acme` and `Acme Group` of one domain: as good as equal."""
    rest = dict(left)
    for token in only_ours:
        for other in only_theirs:
            if token in rest and other in rest and is_shortened(token, other):
                common += min(rest.pop(token), rest.pop(other))
    if same_domain:
        rest = {token: each for token, each in rest.items() if token not in OPTIONAL}
    return _dice(common, sum(rest.values()))


def is_shortened(one: str, other: str) -> bool:
    """`pharm`, `pharmaceuticals`  ->  True, in either order; never of numbers."""
    short, long = sorted((one, other), key=len)
    return len(short) >= _SHORTEST_PREFIX and long.startswith(short) and not short.isdigit()


def is_generic(shared: tuple[str, ...], rarity: Rarity) -> bool:
    """Say whether two names have nothing in common but words that many have.

    A word that more than one record in a thousand has (but at least three, and at most fifty are allowed to) says
    nothing about which of them is meant, and all such words together say little: `University of London`.
    """
    most = min(50.0, max(3.0, rarity.count / 1000))
    return all(rarity.frequency(token) > most for token in shared)


def is_reordered(theirs: Company, shared: tuple[str, ...]) -> bool:
    """Say whether words that tell companies apart stand in another order than in `shared`, which is in that of our
    name: `Bank of Oslo` and `Oslo Bank` are one, `Air China` and `China Air` are not."""
    telling = [token for token in shared if token not in KINDS]
    kept = frozenset(telling)
    return telling != [token for token in theirs.tokens if token in kept]


def numbers(tokens: tuple[str, ...]) -> frozenset[str]:
    return frozenset(token.lstrip("0") for token in tokens if token.isdigit())


def changed_letter(only_ours: tuple[str, ...], only_theirs: tuple[str, ...]) -> tuple[str, str] | None:
    """Return two words that differ in one letter, as Solvay and Solvac do: rare enough to be two names, near enough
    to be taken for one."""
    for token in only_ours:
        for other in only_theirs:
            if _differ_by_one(token, other):
                return token, other
    return None


def _differ_by_one(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) < 4 or len(long) - len(short) > 1 or short == long:
        return False
    start = 0
    while start < len(short) and short[start] == long[start]:
        start += 1
    if len(short) == len(long):
        swapped = short[start + 1 : start + 2] + short[start : start + 1] == long[start : start + 2]
        return short[start + 1 :] == long[start + 1 :] or (swapped and short[start + 2 :] == long[start + 2 :])
    return short[start:] == long[start + 1 :]
