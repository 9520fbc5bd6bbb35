"""The check at send: no value that identifies a person may stand in what leaves, unless a grant covers it (D6.3).

It knows nothing of expressions, of what the compiler found or of which path a value was read by. It takes the event,
the schemas' labels and the grants that hold today, and looks for the values themselves. A value that may leave anyway
(it stands in a granted or public field, or in the mapping's own text) says nothing and is not looked for.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from urllib.parse import unquote

from queast_dsl.entities import entity
from queast_dsl.pii import Labels, needs_grant
from queast_dsl.types import ListType, ObjectType, StrType, Type
from queast_runtime.engine.event import Event, JsonObject
from queast_runtime.engine.redaction import mentions, names_in, redacted

# Of a person's fields, those whose value points at somebody. A city or a department is personal data too, but it is no
# more than a word that stands in many texts; the compiler alone keeps it.
_IDENTIFYING: Final = frozenset({"direct_identifier", "sensitive", "free_text"})
_IDENTIFYING_FORMATS: Final = frozenset({"email", "phone", "uri"})
# Fewer letters or digits than that are found everywhere.
_LEAST_LETTERS: Final = 3
_LEAST_DIGITS: Final = 7
# A telephone number is compared by its end: its start is written in many ways.
_DIGITS: Final = 8
_NUMBER: Final = re.compile(r"\d(?:[ \-().\u00a0/]{0,2}\d)+")
_WORDS: Final = re.compile(r"[^\W_]+")
_TAG: Final = re.compile(r"<[^<>]*>")
_SCHEME: Final = re.compile(r"(?i)^https?://(www\.)?")


@dataclass(frozen=True, slots=True)
class Identifying:
    """A value that must not leave: the event path it stands at and the forms to look for."""

    path: str
    words: tuple[str, ...]
    digits: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class Found:
    """`path` is what was found, `place` where in the message. Never the value."""

    path: str
    place: str


def identifying(event: Event, granted: frozenset[str], named: frozenset[str], said: str) -> tuple[Identifying, ...]:
    """Return the values of an event that nothing of a message may say.

    `granted` are the person paths that may leave today, `named` the ids of persons who may be named in texts, `said`
    is what the mapping says by itself, folded (`folded_texts`).
    """
    held: list[tuple[str, str, bool]] = []
    open_texts: list[str] = []
    released: list[str] = []
    shown = redacted(event, named)
    for root, body in shown.data.items():
        if root in ("company", event.entity) and isinstance(body, dict):
            _gather(entity(root), body, root, granted, held, open_texts, released)
    if event.entity == "signal":
        hidden = [each for each in mentions(event.body) if each.person_id not in named]
        held += [("signal.mentions", name, False) for name in sorted(names_in(event.body, hidden))]
        held += [("signal.mentions.person_id", each.person_id, False) for each in hidden if each.person_id]
    if not held:
        return ()
    allowed = _Haystack.of([*open_texts, *released, said])
    # Who may send a first and a last name may send both as one.
    parts = frozenset(word for text in released for word in _folded(text).split())
    made = (_forms(path, value, is_phone) for path, value, is_phone in held)
    return tuple(
        each
        for each in made
        if each is not None and not allowed.has(each) and not any(parts.issuperset(form.split()) for form in each.words)
    )


def leaks(message: Any, forbidden: tuple[Identifying, ...], place: str = "") -> Iterator[Found]:
    """Yield what of `forbidden` stands in a message of dicts, lists and scalars, and where."""
    if not forbidden:
        return
    for where, text in _texts(message, place):
        hay = _Haystack.of([text])
        for each in forbidden:
            if hay.has(each):
                yield Found(each.path, where)


def folded_texts(value: Any) -> str:
    """Return every text inside a value of dicts, lists and scalars, each on a line of its own."""
    return "\n".join(text for _, text in _texts(value, ""))


@dataclass(frozen=True, slots=True)
class _Haystack:
    words: tuple[str, ...]
    numbers: tuple[str, ...]
    raw: str

    @classmethod
    def of(cls, texts: Iterable[str]) -> _Haystack:
        words: list[str] = []
        numbers: list[str] = []
        raw: list[str] = []
        for text in texts:
            plain = html.unescape(_TAG.sub(" ", text))
            # A link holds values percent-encoded, and a tag holds its own inside: all readings are looked at.
            for reading in dict.fromkeys((plain, html.unescape(text), unquote(plain))):
                words.append(f" {_folded(reading)} ")
                numbers += (re.sub(r"\D", "", found) for found in _NUMBER.findall(reading))
            raw.append(text)
        return cls(tuple(words), tuple(numbers), "\n".join(raw))

    def has(self, value: Identifying) -> bool:
        if any(f" {form} " in words for form in value.words for words in self.words):
            return True
        if value.digits is not None and any(number.endswith(value.digits) for number in self.numbers):
            return True
        return value.digest in self.raw


def _forms(path: str, value: str, is_phone: bool) -> Identifying | None:
    words = tuple(
        form
        for form in dict.fromkeys((_folded(value), _folded(_SCHEME.sub("", value))))
        if len(form.replace(" ", "")) >= _LEAST_LETTERS
    )
    digits = re.sub(r"\D", "", value) if is_phone else ""
    if not words and len(digits) < _LEAST_DIGITS:
        return None
    end = digits[-_DIGITS:] if len(digits) >= _LEAST_DIGITS else None
    return Identifying(path, words, end, sha256(value.encode("utf-8", "surrogatepass")).hexdigest())


def _folded(text: str) -> str:
    """`Kåre  O'Nordmann`  ->  `kare o nordmann`: letters without marks and case, everything else one space."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join(_WORDS.findall(plain.casefold()))


def _gather(
    shape: ObjectType,
    body: JsonObject,
    path: str,
    granted: frozenset[str],
    held: list[tuple[str, str, bool]],
    open_texts: list[str],
    released: list[str],
) -> None:
    """Sort the values of an object into those held back, those that are public and those that a grant releases."""
    for prop in shape.properties:
        value, inner = body.get(prop.name), f"{path}.{prop.name}"
        if value is None or prop.name == "mentions":
            continue
        covered = inner in granted or any(inner.startswith(f"{grant}.") for grant in granted)
        if needs_grant(inner, prop.labels) and not covered:
            held += ((inner, text, phone) for text, phone in _pointing(prop.type, prop.labels, value))
            continue
        texts = released if needs_grant(inner, prop.labels) else open_texts
        type_, items = prop.type, [value]
        while isinstance(type_, ListType):
            type_, items = type_.item, [each for one in items if isinstance(one, list) for each in one]
        for item in items:
            if isinstance(type_, ObjectType) and isinstance(item, dict):
                _gather(type_, item, inner, granted, held, open_texts, released)
            elif not isinstance(type_, ObjectType):
                texts += (text for _, text in _texts(item, ""))


def _pointing(type_: Type, labels: Labels, value: Any) -> Iterator[tuple[str, bool]]:
    format_ = type_.format if isinstance(type_, StrType) else None
    if labels.isdisjoint(_IDENTIFYING) and format_ not in _IDENTIFYING_FORMATS:
        return
    for _, text in _texts(value, ""):
        yield text, format_ == "phone"


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield place, value
        case bool() | None:
            return
        case dict():
            for key, inner in value.items():
                yield from _texts(inner, f"{place}.{key}" if place else str(key))
        case list() | tuple():
            for at, inner in enumerate(value):
                yield from _texts(inner, f"{place}[{at}]")
        case _:
            yield place, str(value)
