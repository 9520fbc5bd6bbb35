"""The check at send: no value that identifies a person may stand in what leaves, unless a grant covers it (D6.3).

It knows nothing of expressions, of what the compiler found, of which path a value was read by, or of what was replaced
in a text. It takes the event as it came, the schemas' labels and the grants that hold today, and looks for the values
themselves. Only what stands in a public field, in a granted one or in the mapping's own text may leave anyway.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

from queast_dsl.entities import entity
from queast_dsl.functions import REGISTRY, Function, FunctionError
from queast_dsl.names import read_company_name
from queast_dsl.pii import Labels, needs_grant
from queast_dsl.types import ListType, ObjectType, StrType, Type
from queast_runtime.engine.addresses import Address, lines_of
from queast_runtime.engine.event import Event, JsonObject
from queast_runtime.engine.mentioned import SaidNames, hidden_ids, hidden_names
from queast_runtime.engine.rereading import Named, NameText, is_uncased, name_text, seen, words
from queast_runtime.engine.unescaping import readings

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
# A piece of a hash is still one of the value; no other text has so many of its digits in a row.
_DIGEST: Final = 16
_HEXADECIMAL: Final = re.compile(f"[0-9a-f]{{{_DIGEST},}}")
# The end of an address says who has it, `/in/kare`; one of fewer steps is anybody's.
_LEAST_STEPS: Final = 2


@dataclass(frozen=True, slots=True)
class Identifying:
    """A value that must not leave: the event path it stands at and the forms to look for, all in plain letters.

    `names` are ways to name somebody in a text, `words` stand by themselves, `glued` anywhere; `digits` are the end of
    a telephone number, `hashed` is the value whose hashes are looked for, `verbatim` is found as it is, in small
    letters. Of an e-mail `address` more is asked than that its words are found.
    """

    path: str
    names: tuple[Named, ...] = ()
    words: tuple[str, ...] = ()
    glued: tuple[str, ...] = ()
    digits: str | None = None
    hashed: str | None = None
    verbatim: tuple[str, ...] = ()
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """`path` is what was found, `place` where in the message. Never the value."""

    path: str
    place: str


@dataclass(frozen=True, slots=True)
class Said:
    """What may be said anyway: a line a text, in plain letters with and without blanks, as it is spelled, and the
    numbers."""

    words: str = ""
    glued: str = ""
    spelled: str = ""
    numbers: tuple[str, ...] = ()
    names: SaidNames = field(default_factory=SaidNames)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Said:
        read = [_Reading.of(reading) for text in texts for reading in readings(text)]
        numbers = tuple(number for each in read for number in each.numbers)
        spaced, glued = (row for each in read for row in each.words), (row for each in read for row in each.glued)
        return cls("\n".join(spaced), "\n".join(glued), lines_of(each.shown for each in read), numbers)

    @classmethod
    def by(cls, value: Any) -> Said:
        """Return what a mapping says: every text inside a value of dicts, lists and scalars. The names in it are its
        author's words, and name nobody of an event."""
        texts = dict.fromkeys(text for _, text in _texts(value, ""))
        return replace(cls.of(texts), names=SaidNames.of(texts))


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
    forbidden = [*_of_mentions(event, named, said), *_of_fields(found)]
    if not forbidden:
        return ()
    if not found.held and all(each.names for each in forbidden):
        return tuple(forbidden)
    allowed = (said, Said.of([*found.public, *(text for _, text in found.released)]))
    return tuple(kept for each in forbidden if (kept := _without(each, allowed, found)) is not None)


def leaks(message: Any, forbidden: tuple[Identifying, ...], place: str = "") -> Iterator[Found]:
    """Yield what of `forbidden` stands in a message of dicts, lists and scalars, and where."""
    if not forbidden:
        return
    has_names = any(each.names for each in forbidden)
    for where, text in _texts(message, place):
        read = [_Reading.of(reading, has_names=has_names) for reading in readings(text)]
        said = dict.fromkeys(each.path for each in forbidden if any(one.says(each) for one in read))
        yield from (Found(path, where) for path in said)


def _of_mentions(event: Event, named: frozenset[str], said: Said) -> Iterator[Identifying]:
    if ways := hidden_names(event, named, said.names):
        yield Identifying("signal.mentions", names=ways)
    for id_ in hidden_ids(event, named):
        if len((forms := words(id_)).glued[0]) >= _LEAST_LETTERS:
            yield Identifying("signal.mentions.person_id", words=tuple(form.strip() for form in forms.spaced))


def _of_fields(found: _Event) -> Iterator[Identifying]:
    for path, value, format_ in found.held:
        bare = _SCHEME.sub("", value)
        spaced, glued = _forms(value, bare) if bare != value else _forms(value)
        digits = re.sub(r"\D", "", value) if format_ == "phone" else ""
        end = digits[-_DIGITS:] if len(digits) >= _LEAST_DIGITS else None
        address = Address(value, "") if format_ == "email" else None
        yield Identifying(path, (), spaced, glued, end, value, _ends(value), address)
        normal = read_company_name(value).normal
        if normal and normal not in spaced:
            # It leaves out what it takes for the legal form of a company: `kare@acme.se` is `kare acme`.
            yield Identifying(path, (), *_forms(normal), address=address)


def _forms(*values: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what is found between blanks, and what is found wherever it stands."""
    ways = [words(each) for each in values]
    plain = dict.fromkeys(row.strip() for way in ways for row in way.spaced)
    glued = dict.fromkeys(row for way in ways for row in way.glued if len(row) >= _GLUED)
    return tuple(form for form in plain if is_uncased(form) or len(_squeezed(form)) >= _LEAST_LETTERS), tuple(glued)


def _squeezed(form: str) -> str:
    return form.replace(" ", "")


def _digests(value: str) -> tuple[str, ...]:
    """Return the hashes of a value, and of what a function of the language makes of it that still says all of it."""
    glued = {row for each in (value, read_company_name(value).normal) for row in words(each).glued if row}
    ways = dict.fromkeys((value, value.strip()))
    for function in _text_functions():
        try:
            made = function.python(value)
        except FunctionError:
            continue
        if isinstance(made, str) and any(not glued.isdisjoint(words(each).glued) for each in readings(made)):
            ways[made] = None
    cases = dict.fromkeys(case for each in ways for case in (each, each.lower(), each.upper(), each.casefold()))
    return tuple(sha256(each.encode("utf-8", "surrogatepass")).hexdigest() for each in cases)


def _pieces(digest: str) -> Iterator[str]:
    return (digest[at : at + _DIGEST] for at in range(len(digest) - _DIGEST + 1))


@cache
def _text_functions() -> tuple[Function, ...]:
    return tuple(each for each in REGISTRY.values() if takes_a_text(each) and each.topic != "hashing")


def takes_a_text(function: Function) -> bool:
    """Whether a function makes a text of one text, and needs nothing else for it."""
    return function.required == 1 and function.params[0].accepts == "str" and function.returns == "str"


def _ends(value: str) -> tuple[str, ...]:
    """Return the path of a web address, which says as much as the whole: `/in/kare`."""
    try:
        path = urlsplit(value.strip()).path if _SCHEME.match(value.strip()) else ""
    except ValueError:
        return ()
    return (path.lower(),) if len(list(filter(None, path.split("/")))) >= _LEAST_STEPS else ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a text: its words in plain letters, the same without blanks, the numbers in it, and the text as
    names are looked for in it."""

    text: str
    words: tuple[str, ...]
    glued: tuple[str, ...]
    numbers: tuple[str, ...]
    named: NameText | None
    shown: str

    @classmethod
    def of(cls, text: str, *, has_names: bool = False) -> _Reading:
        forms, shown = words(text), seen(text)
        numbers = tuple(re.sub(r"\D", "", each) for each in _NUMBER.findall(shown))
        return cls(shown.lower(), forms.spaced, forms.glued, numbers, name_text(text) if has_names else None, shown)

    def says(self, value: Identifying) -> bool:
        is_found = any(form in row for row in self.glued for form in value.glued) or any(map(self._has, value.words))
        if is_found and (value.address is None or value.address.stands_in(self.shown)):
            return True
        if value.digits is not None and any(value.digits in number for number in self.numbers):
            return True
        if self.named is not None and any(map(self.named.says, value.names)):
            return True
        if any(form in self.text for form in value.verbatim):
            return True
        runs = _HEXADECIMAL.findall(self.text) if value.hashed is not None else ()
        pieces = {piece for run in runs for piece in _pieces(run)}
        return bool(pieces) and any(
            piece in pieces for digest in _digests(value.hashed or "") for piece in _pieces(digest)
        )

    def _has(self, form: str) -> bool:
        if is_uncased(form):
            return any(_squeezed(form) in row for row in self.glued)
        return any(f" {form} " in row for row in self.words)


def _without(value: Identifying, allowed: tuple[Said, ...], found: _Event) -> Identifying | None:
    """Return the value without the forms that may leave; None where none is left.

    The ways to name a mentioned person stay: those that may leave are out already.
    """
    parts: frozenset[str] = frozenset()
    texts = ""
    if value.path in _NAMES:
        released = (row for path, text in found.released if path in _NAMES for row in words(text).spaced)
        parts = frozenset(word for row in released for word in row.split())
        # A single word of a name is a word of many texts.
        texts = "\n".join(row for each in found.texts for row in words(each).spaced)

    def is_public(form: str) -> bool:
        # Read more widely than a message is searched: a part of a public word is public.
        glued = _squeezed(form)
        if any(f" {form} " in each.words or glued in each.glued for each in allowed):
            return True
        return parts.issuperset(form.split()) or (" " not in form and f" {form} " in texts)

    # Its spellings are one value: where one may leave, any may.
    is_free = any(map(is_public, value.words))
    kept = () if is_free else value.words
    glued = () if is_free else value.glued
    digits = value.digits
    if digits is not None and any(digits in number for each in allowed for number in each.numbers):
        digits = None
    if not (value.names or kept or glued or digits):
        return None
    if not kept:
        return Identifying(value.path, value.names, digits=digits)
    # Of these an address may be put together that is none.
    may_leave = "\n".join(each.spelled for each in allowed)
    address = None if value.address is None else Address(value.address.value, may_leave)
    return Identifying(value.path, value.names, kept, glued, digits, value.hashed, value.verbatim, address)


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
