"""A decided case as a test of its mapping, with placeholders in the place of every name and domain.

    Nordic Data AS, nordicdata.no   ~   Nordic Datas AS, nordicdata.no
    Badoba Kemi AS, a.example       ~   Badoba Kemix AS, a.example

What matching looks at stays: which words two names share and how those that nearly agree differ, legal forms, lengths,
letters that no English word has, which domains are equal, countries. The same case always gives the same placeholders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Final
from urllib.parse import urlsplit

from queast_dsl.names.countries import read_country
from queast_runtime.matching.shared_domains import is_shared
from queast_runtime.ports.driver import JsonObject
from queast_runtime.ports.matches import Review

# Nothing else is left as it is: whoever adds a word here shows it to everybody who reads a test.
_KEPT: Final = """
    a ab ag and aps as asa bv co company corp corporation gmbh group holding holdings inc international kg limited llc
    llp ltd nv of og oy oyj plc pty sa sarl sas spa srl the und
"""
KEPT: Final = frozenset(_KEPT.split())
_SEEDS: Final = (
    *("bado", "kemi", "lupo", "nira", "sote", "vafu", "gile", "mozu"),
    *("pawe", "tixo", "ruka", "zebi", "hajo", "dyno", "fosi"),
)
_FILLER: Final = "xqj"
_LEAST_ALIKE: Final = 0.75
_LEAST_COMPARED: Final = 4
_WORD: Final = re.compile(r"\w+", re.UNICODE)
_NAMES: Final = ("name", "full_name", "legal_name", "city")
_DOMAINS: Final = ("domain", "website_url", "website")


@dataclass(slots=True)
class Placeholders:
    """Words and domains of one test, and what stands for each."""

    words: dict[str, str] = field(default_factory=dict)
    domains: dict[str, str] = field(default_factory=dict)

    def text(self, given: str) -> str:
        readable = "".join(each if each.isprintable() else " " for each in given)
        return _WORD.sub(lambda found: self._cased(found.group()), readable).strip()

    def domain(self, given: str) -> str:
        """`https://www.nordicdata.no/about`  ->  `https://a.example/`; an address that many share stays."""
        host = urlsplit(given).hostname if "//" in given else given
        name = (host or "").casefold().removeprefix("www.").rstrip(".")
        shown = name if is_shared(name) else self.domains.setdefault(name, f"{_letters(len(self.domains))}.example")
        return f"https://{shown}/" if "//" in given else shown

    def _cased(self, word: str) -> str:
        plain = word.casefold()
        if plain in KEPT:
            return word
        made = self.words.get(plain)
        if made is None:
            made = self.words[plain] = self._new(plain)
        if word.isupper() and len(word) > 1:
            return made.upper()
        return made[:1].upper() + made[1:] if word[:1].isupper() else made

    def _new(self, word: str) -> str:
        near = max(self.words, key=lambda each: _alike(each, word), default=None)
        if near is not None and _alike(near, word) >= _LEAST_ALIKE:
            made = _varied(near, self.words[near], word)
        else:
            made = self._fresh(word)
        taken = set(self.words.values())
        while made in taken:
            made += _FILLER[0]
        return made

    def _fresh(self, word: str) -> str:
        number = len(self.words)
        if word.isdigit():
            return str((7 * 10 ** (len(word) - 1) + number) % 10 ** len(word)).rjust(len(word), "7")
        seed = _SEEDS[number % len(_SEEDS)] + _letters(number // len(_SEEDS)) * (number >= len(_SEEDS))
        return (seed * (len(word) // len(seed) + 1))[: len(word)]


def as_test(case: Review) -> JsonObject:
    """Return the file of one test, in the shape of mapping tests. Raises ValueError for a case that no person decided.

    `match: {record: h1}` says which record is the right one, `{record: null}` that none of those given is.
    """
    answer = case.answer
    if answer is None or answer.choice not in ("link", "reject", "create") or case.kind == "inbound":
        raise ValueError("no person has decided which record it is")
    made = Placeholders()
    ids = {str(each["partner_id"]): f"h{number}" for number, each in enumerate(case.candidates, start=1)}
    ours = {"id": "c1" if case.entity == "company" else "p1", **_shown(case.subject, made)}
    crm = [
        {"object": case.object, "id": ids[str(each["partner_id"])], **_shown(each, made)} for each in case.candidates
    ]
    right = ids.get(answer.partner_id or "") if answer.choice == "link" else None
    said = {"link": f"a person linked it to {right}", "reject": "a person found none of them to be the one"}
    return {
        "mapping": case.mapping,
        "tests": [
            {
                "name": said.get(answer.choice, "a person wanted a new record for it"),
                "given": {"event": f"{case.entity}.updated", case.entity: ours, "crm": crm},
                "expect": {"match": {"record": right}},
            }
        ],
    }


def _shown(record: JsonObject, made: Placeholders) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name in (*_NAMES, *_DOMAINS, "country"):
        value = record.get(name)
        if not isinstance(value, str) or not value.strip():
            continue
        if name in _DOMAINS:
            shown[name] = made.domain(value)
        else:
            shown[name] = value if name == "country" and _is_country(value) else made.text(value)
    return shown


def _is_country(value: str) -> bool:
    """Say whether it is a code, or a name that the matcher reads: one of a list that names nobody by itself."""
    return value.isprintable() and (len(value) == 2 or read_country(value) is not None)


def _alike(one: str, other: str) -> float:
    if min(len(one), len(other)) < _LEAST_COMPARED or one.isdigit() or other.isdigit():
        return 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _varied(word: str, placeholder: str, other: str) -> str:
    """Do to a placeholder what makes `word` to `other`: nordic, badoba, nordik  ->  badobx."""
    return "".join(_pieces(word, placeholder, other))


def _pieces(word: str, placeholder: str, other: str) -> Iterator[str]:
    for what, start, end, from_, to in SequenceMatcher(None, word, other, autojunk=False).get_opcodes():
        if what == "equal":
            yield placeholder[start:end]
        elif what in ("replace", "insert"):
            yield _foreign(other[from_:to])


def _foreign(letters: Sequence[str]) -> str:
    """A letter that no English word has is what the difference is about, and names nobody by itself."""
    return "".join(each if not each.isascii() else _FILLER[n % len(_FILLER)] for n, each in enumerate(letters))


def _letters(number: int) -> str:
    """0, 1, … 25, 26  ->  a, b, … z, aa."""
    made = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        made = chr(ord("a") + rest) + made
    return made
