"""Names in a signal's texts: whom no grant covers is "a person" before any mapping reads the texts.

Queast says where a title or a summary names somebody (`signal.mentions`, offsets in code points). Whatever names that
person is replaced once, in the event itself, so that conditions, fields, templates, hashes and traces all see the same:
at the mention, and wherever else the name or the surname stands in what the signal and its job ad say.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, Final
from urllib.parse import urlsplit

from queast_dsl.entities import entity
from queast_dsl.mentions import NO_WORDS, NO_WORDS_INSIDE, TEXTS, is_told
from queast_dsl.types import ListType, ObjectType, StrType, Type
from queast_runtime.engine.escapes import Range
from queast_runtime.engine.event import Event, JsonObject
from queast_runtime.engine.names import Names
from queast_runtime.engine.persons import forms

STAND_IN: Final = "a person"
# An address that a signal must have, and that says nothing: no such host can be.
_NOWHERE: Final = "https://host.invalid/"
_EDGES: Final = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True, slots=True)
class Mention:
    """Characters `start` to `end` (exclusive) of a text name a person; `person_id` is None for one Queast has not."""

    field: str
    start: int
    end: int
    person_id: str | None

    def name(self, body: JsonObject) -> str:
        """Return the characters of the text that name the person."""
        text = body.get(self.field)
        return text[self.start : self.end] if isinstance(text, str) else ""


def mentions(body: JsonObject) -> tuple[Mention, ...]:
    """Return the mentions of a signal that `read_event` let through, in its order."""
    return tuple(
        Mention(each["field"], each["start"], each["end"], each.get("person_id")) for each in body.get("mentions") or ()
    )


@dataclass(frozen=True, slots=True)
class Hidden:
    """The names that are taken out of what a signal says: `names` of its texts, `in_paths` of addresses. `kept` are
    those of persons who may be named."""

    names: Names
    in_paths: Names
    kept: Names

    def ranges(self, text: str, names: Names, *, is_written: bool = True, is_public: bool = False) -> Iterator[Range]:
        """Yield what of a text names a hidden person. A part of the name of somebody who may be named does not."""
        stay = sorted(set(self.kept.ranges(text, is_written=is_written))) if self.kept else []
        # Of those that begin no later, how far the longest reaches.
        reach = list(accumulate((end for _, end in stay), max, initial=-1))
        for start, end in set(names.ranges(text, is_written=is_written, is_public=is_public)):
            is_part = reach[bisect_left(stay, (start, 0))] >= end or reach[bisect_left(stay, (start + 1, 0))] > end
            if not is_part:
                yield start, end

    def is_in(self, url: str) -> bool:
        return any(self.ranges(url, self.in_paths, is_written=False)) or self.is_in_host(_host(url) or "")

    def is_in_host(self, host: str) -> bool:
        return any(self.ranges(host, self.names, is_written=False))


def sought(body: JsonObject, hidden: Iterable[Mention], shown: Iterable[Mention] = ()) -> Hidden:
    """Return the names by which the hidden persons are looked for in what a signal says.

    What stands in a public field of the company (its name, its city) says nothing of a person. At the mention itself it
    is replaced all the same.
    """
    names = _names(body, hidden)
    company = body.get("company")
    if isinstance(company, dict):
        # Of lists, such as technologies, a word is one, and a whole name is somebody's all the same.
        lists = {key: value for key, value in company.items() if isinstance(value, list)}
        alone = {key: value for key, value in company.items() if key not in lists}
        names = names.without(_public_texts(entity("company"), alone))
        names = names.without(_public_texts(entity("company"), lists), only_lone=True)
    public = _public_texts(entity("signal"), body, skip=NO_WORDS, addresses=False)
    return Hidden(names, names.without(public, only_lone=True), _names(body, shown))


def _names(body: JsonObject, given: Iterable[Mention]) -> Names:
    texts = dict.fromkeys(each.name(body) for each in given)
    return Names.of(dict.fromkeys(form for text in texts for form in forms(text)))


def redacted(event: Event, kept: frozenset[str]) -> Event:
    """`Kari Nordmann joins Acme`, Kari not among `kept`  ->  `a person joins Acme`.

    `kept` are ids of persons who may be named. An address that spells the name is cut to its host, and left
    out where that spells it, too. The mentions of the result point into the new texts; those of replaced names hold no
    person any more.
    """
    if event.entity != "signal":
        return event
    found = mentions(event.body)
    hidden = [each for each in found if each.person_id not in kept]
    if not hidden:
        return event
    shown = [each for each in found if each.person_id in kept]
    sought_for = sought(event.body, hidden, shown)
    body = _without(entity("signal"), event.body, sought_for, skip=(*NO_WORDS, *TEXTS))
    if isinstance(company := body.get("company"), dict):
        body["company"] = _described_without(entity("company"), company, sought_for)
    moved: list[dict[str, Any]] = []
    for field in TEXTS:
        text = body.get(field)
        if not isinstance(text, str):
            continue
        stay = [(each.start, each.end) for each in shown if each.field == field]
        spans = [(each.start, each.end) for each in hidden if each.field == field]
        spans += (part for span in sought_for.ranges(text, sought_for.names) for part in _beside(text, span, stay))
        cuts = list(_merged(spans))
        body[field] = _cut(text, cuts)
        moved += [
            {"field": field, "start": at, "end": at + len(STAND_IN)} for at in (_shifted(cut[0], cuts) for cut in cuts)
        ]
        moved += [
            {"field": field, "start": start, "end": end, "person_id": each.person_id}
            for each in shown
            if each.field == field and not any(_meet((each.start, each.end), cut) for cut in cuts)
            for start, end in [(_shifted(each.start, cuts), _shifted(each.end, cuts))]
        ]
    body["mentions"] = sorted(moved, key=lambda each: (TEXTS.index(each["field"]), each["start"]))
    return replace(event, data={**event.data, "signal": body})


def _public_texts(
    shape: ObjectType, body: JsonObject, skip: tuple[str, ...] = (), *, addresses: bool = True
) -> Iterator[str]:
    for prop in shape.properties:
        if prop.name not in skip and not is_told(prop):
            yield from _said_by(prop.type, body.get(prop.name), addresses=addresses)


def _said_by(type_: Type, value: Any, *, addresses: bool) -> Iterator[str]:
    match type_, value:
        case ObjectType(), dict():
            yield from _public_texts(type_, value, addresses=addresses)
        case ListType(item=item), list():
            for each in value:
                yield from _said_by(item, each, addresses=addresses)
        case StrType(format="uri"), str() if not addresses:
            pass
        case _, str():
            yield value
        case _:
            pass


def _described_without(shape: ObjectType, body: JsonObject, hidden: Hidden) -> JsonObject:
    """Return a company whose free text no longer spells any of the names; its other values are public."""
    told = [prop for prop in shape.properties if is_told(prop) and prop.name in body]
    return {**body, **{prop.name: _freed(prop.type, body[prop.name], hidden, is_public=False) for prop in told}}


def _without(shape: ObjectType, body: JsonObject, hidden: Hidden, skip: tuple[str, ...]) -> JsonObject:
    """Return an object whose texts no longer spell any of the names, but for the keys in `skip`."""
    freed: JsonObject = {}
    for key, value in body.items():
        found = None if key in skip else shape.get(key)
        told = value
        if found is not None:
            told = _freed(found.type, value, hidden, is_public=not is_told(found))
        if told is not None or value is None:
            freed[key] = told
        elif found is not None and not found.optional:
            freed[key] = _NOWHERE
    return freed


def _freed(type_: Type, value: Any, hidden: Hidden, *, is_public: bool) -> Any:
    match type_, value:
        case ObjectType(), dict():
            return _without(type_, value, hidden, skip=NO_WORDS_INSIDE)
        case ListType(item=item), list():
            return [_freed(item, each, hidden, is_public=is_public) for each in value]
        case StrType(format="uri"), str():
            return _host_only(value, hidden) if hidden.is_in(value) else value
        case StrType(format=None), str():
            return _cut(value, list(_merged(hidden.ranges(value, hidden.names, is_public=is_public))))
        case _:
            return value


def _host_only(url: str, hidden: Hidden) -> str | None:
    """Return the address of a page's host; None where that spells the name, too, or cannot be read."""
    host = _host(url)
    return f"{urlsplit(url).scheme}://{host}/" if host and not hidden.is_in_host(host) else None


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return None


def _beside(text: str, span: Range, stay: list[Range]) -> Iterator[Range]:
    """Yield what of a span is in none of those that stay, from its first letter to its last."""
    stay = [each for each in stay if _meet(each, span)]
    if not stay:
        yield span
        return
    start = span[0]
    for one, other in (*sorted(stay), (span[1], span[1])):
        part = text[start : max(start, min(one, span[1]))]
        if bare := _EDGES.sub("", part):
            at = start + part.index(bare)
            yield at, at + len(bare)
        start = max(start, min(other, span[1]))


def _meet(one: Range, other: Range) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _merged(spans: Iterable[Range]) -> Iterator[Range]:
    """`(0, 4) (2, 9) (20, 24)`  ->  `(0, 9) (20, 24)`; empty ones are dropped."""
    held: Range | None = None
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if held is not None and start < held[1]:
            held = (held[0], max(held[1], end))
            continue
        if held is not None:
            yield held
        held = (start, end)
    if held is not None:
        yield held


def _cut(text: str, cuts: list[Range]) -> str:
    parts: list[str] = []
    at = 0
    for start, end in cuts:
        parts += (text[at:start], STAND_IN)
        at = end
    return "".join((*parts, text[at:]))


def _shifted(position: int, cuts: list[Range]) -> int:
    """Return where a position outside of all cuts stands after them."""
    return position + sum(len(STAND_IN) - (end - start) for start, end in cuts if end <= position)
