"""The check at send: no value that identifies a person may stand in what leaves, unless a grant covers it (D6.3).

It knows nothing of expressions, of what the compiler found, of which path a value was read by, or of what was replaced
in a text. It takes the event as it came, the schemas' labels and the grants that hold today, and looks for the values
themselves. Only what stands in a public field, in a granted one or in the mapping's own text may leave anyway.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from urllib.parse import unquote

from queast_dsl.entities import entity
from queast_dsl.pii import Labels, needs_grant
from queast_dsl.types import ListType, ObjectType, StrType, Type
from queast_runtime.engine.addresses import Address, lines_of
from queast_runtime.engine.event import Event, JsonObject
from queast_runtime.engine.names import fold, folded, has_no_case, occurrences, squeezed
from queast_runtime.engine.redaction import forms_of, mentions

# Of a person's fields, those whose value points at somebody. A city or a department is personal data too, but it is no
# more than a word that stands in many texts; the compiler alone keeps it.
_IDENTIFYING: Final = frozenset({"direct_identifier", "sensitive", "free_text"})
_IDENTIFYING_FORMATS: Final = frozenset({"email", "phone", "uri"})
# Who may send a first and a last name may send both as one.
_NAMES: Final = ("person.full_name", "person.first_name", "person.last_name")
# So many letters are found inside of other words too; fewer only as words of their own.
_GLUED: Final = 6
_LEAST_LETTERS: Final = 3
_LEAST_DIGITS: Final = 7
# A telephone number is compared by its end: its start is written in many ways.
_DIGITS: Final = 8
_NUMBER: Final = re.compile(r"\d(?:[ \-().\u00a0/]{0,2}\d)+")
_SCHEME: Final = re.compile(r"(?i)^https?://(www\.)?")
_TAG: Final = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Identifying:
    """A value that must not leave: the event path it stands at and the forms to look for, all folded.

    `names` are spellings of a name in a text, `words` stand by themselves, `glued` anywhere; `digits` are the end of a
    telephone number, `digests` hexadecimal hashes. Of an e-mail `address` more is asked than that its words are found.
    """

    path: str
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    glued: tuple[str, ...] = ()
    digits: str | None = None
    digests: tuple[str, ...] = ()
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """`path` is what was found, `place` where in the message. Never the value."""

    path: str
    place: str


@dataclass(frozen=True, slots=True)
class Said:
    """What may be said anyway: a line a text, folded with and without blanks, as it is spelled, and the numbers."""

    words: str = ""
    glued: str = ""
    spelled: str = ""
    numbers: tuple[str, ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str]) -> Said:
        readings = [_Reading.of(reading) for text in texts for reading in _readings(text)]
        return cls(
            words="\n".join(each.words for each in readings),
            glued="\n".join(each.glued for each in readings),
            spelled=lines_of(each.text for each in readings),
            numbers=tuple(number for each in readings for number in each.numbers),
        )

    @classmethod
    def by(cls, value: Any) -> Said:
        """Return every text inside a value of dicts, lists and scalars."""
        return cls.of(dict.fromkeys(text for _, text in _texts(value, "")))


@dataclass(slots=True)
class _Event:
    """An event's values: `held` with path and format, what is `public`, what may name somebody (`texts`), and what a
    grant `released`, by path."""

    granted: frozenset[str]
    held: list[tuple[str, str, str | None]]
    public: list[str]
    texts: list[str]
    released: list[tuple[str, str]]


def identifying(event: Event, granted: frozenset[str], named: frozenset[str], said: Said) -> tuple[Identifying, ...]:
    """Return the values of an event that nothing of a message may say.

    `granted` are the person paths that may leave today, `named` the ids of persons who may be named in texts, `said`
    is what the mapping says by itself.
    """
    found = _Event(granted, [], [], [], [])
    for root, body in event.data.items():
        if root in ("company", event.entity) and isinstance(body, dict):
            _gather(entity(root), body, root, found)
    forbidden = [*_of_mentions(event, named), *_of_fields(found)]
    if not forbidden:
        return ()
    allowed = (said, Said.of([*found.public, *(text for _, text in found.released)]))
    return tuple(kept for each in forbidden if (kept := _without(each, allowed, found)) is not None)


def leaks(message: Any, forbidden: tuple[Identifying, ...], place: str = "") -> Iterator[Found]:
    """Yield what of `forbidden` stands in a message of dicts, lists and scalars, and where."""
    if not forbidden:
        return
    for where, text in _texts(message, place):
        readings = [_Reading.of(reading) for reading in _readings(text)]
        for each in forbidden:
            if any(reading.says(each) for reading in readings):
                yield Found(each.path, where)


def _of_mentions(event: Event, named: frozenset[str]) -> Iterator[Identifying]:
    if event.entity != "signal":
        return
    hidden = [each for each in mentions(event.body) if each.person_id not in named]
    if forms := forms_of(event.body, hidden):
        yield Identifying("signal.mentions", names=forms)
    for each in hidden:
        if each.person_id is not None and len(squeezed(each.person_id)) >= _LEAST_LETTERS:
            yield Identifying("signal.mentions.person_id", words=(folded(each.person_id),))


def _of_fields(found: _Event) -> Iterator[Identifying]:
    for path, value, format_ in found.held:
        plain = dict.fromkeys((folded(value), folded(_SCHEME.sub("", value))))
        short = tuple(form for form in plain if has_no_case(form) or len(form.replace(" ", "")) >= _LEAST_LETTERS)
        glued = tuple(form.replace(" ", "") for form in plain if len(form.replace(" ", "")) >= _GLUED)
        digits = re.sub(r"\D", "", value) if format_ == "phone" else ""
        cases = dict.fromkeys((value, value.strip(), value.lower(), value.upper(), value.casefold()))
        digests = tuple(sha256(each.encode("utf-8", "surrogatepass")).hexdigest() for each in cases)
        end = digits[-_DIGITS:] if len(digits) >= _LEAST_DIGITS else None
        address = Address(value, "") if format_ == "email" else None
        yield Identifying(path, (), short, glued, end, digests, address)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a text: its folded words, the same without blanks, and the numbers in it."""

    text: str
    words: str
    glued: str
    numbers: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> _Reading:
        words = folded(text)
        numbers = tuple(re.sub(r"\D", "", each) for each in _NUMBER.findall(text))
        return cls(text, f" {words} ", words.replace(" ", ""), numbers)

    def says(self, value: Identifying) -> bool:
        is_found = any(form in self.glued for form in value.glued) or any(self._has(form) for form in value.words)
        if is_found and (value.address is None or value.address.stands_in(self.text)):
            return True
        if value.digits is not None and any(value.digits in number for number in self.numbers):
            return True
        plain = fold(self.text) if value.names else None
        if plain is not None and any(any(occurrences(plain, form)) for form in value.names):
            return True
        return any(digest in self.text.lower() for digest in value.digests)

    def _has(self, form: str) -> bool:
        return form in self.glued if has_no_case(form) else f" {form} " in self.words


def _without(value: Identifying, allowed: tuple[Said, ...], found: _Event) -> Identifying | None:
    """Return the value without the forms that may leave; None where none is left.

    The spellings of a mentioned name stay: only the company's own name makes one public, and is out already.
    """
    parts: frozenset[str] = frozenset()
    texts = ""
    if value.path in _NAMES:
        parts = frozenset(w for path, text in found.released if path in _NAMES for w in folded(text).split())
        # A single word of a name is a word of many texts.
        texts = "\n".join(f" {folded(each)} " for each in found.texts)

    def is_public(form: str) -> bool:
        # Read more widely than a message is searched: a part of a public word is public.
        glued = form.replace(" ", "")
        if any(f" {form} " in each.words or glued in each.glued for each in allowed):
            return True
        return parts.issuperset(form.split()) or (" " not in form and f" {form} " in texts)

    words = tuple(form for form in value.words if not is_public(form))
    left = {form.replace(" ", "") for form in words}
    glued = tuple(form for form in value.glued if form in left)
    digits = value.digits
    if digits is not None and any(digits in number for each in allowed for number in each.numbers):
        digits = None
    if not (value.names or words or glued or digits):
        return None
    digests = value.digests if words else ()
    # Of these an address may be put together that is none.
    may_leave = "\n".join(each.spelled for each in allowed)
    address = None if value.address is None else Address(value.address.value, may_leave)
    return Identifying(value.path, value.names, words, glued, digits, digests, address)


def _readings(text: str) -> Iterable[str]:
    """Links are percent-encoded, tags hold values inside, signs are escaped: every reading is looked at."""
    plain = html.unescape(_TAG.sub(" ", text))
    return dict.fromkeys((plain, html.unescape(text), unquote(plain)))


def _gather(shape: ObjectType, body: JsonObject, path: str, found: _Event) -> None:
    """Sort the values of an object into those held back, those that are public and those that a grant releases."""
    for prop in shape.properties:
        value, inner = body.get(prop.name), f"{path}.{prop.name}"
        if value is None or prop.name == "mentions":
            continue
        is_personal = needs_grant(inner, prop.labels)
        covered = inner in found.granted or any(inner.startswith(f"{grant}.") for grant in found.granted)
        if is_personal and not covered:
            found.held += ((inner, text, format_) for text, format_ in _pointing(prop.type, prop.labels, value))
            continue
        type_, items = prop.type, [value]
        while isinstance(type_, ListType):
            type_, items = type_.item, [each for one in items if isinstance(one, list) for each in one]
        for item in items:
            if isinstance(type_, ObjectType) and isinstance(item, dict):
                _gather(type_, item, inner, found)
            elif not isinstance(type_, ObjectType):
                texts = [text for _, text in _texts(item, "")]
                if is_personal:
                    found.released += ((inner, text) for text in texts)
                elif "free_text" in prop.labels:
                    found.texts += texts
                else:
                    found.public += texts


def _pointing(type_: Type, labels: Labels, value: Any) -> Iterator[tuple[str, str | None]]:
    format_ = type_.format if isinstance(type_, StrType) else None
    if labels.isdisjoint(_IDENTIFYING) and format_ not in _IDENTIFYING_FORMATS:
        return
    for _, text in _texts(value, ""):
        yield text, format_


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
