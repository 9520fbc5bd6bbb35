"""Names in a signal's texts: whom no grant covers is "a person" before any mapping reads the texts.

Queast says where a title or a summary names somebody (`signal.mentions`, offsets in code points). Whatever names that
person is replaced once, in the event itself, so that conditions, fields, templates, hashes and traces all see the same:
at the mention, and wherever else the name or the surname stands in what the signal and its job ad say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from queast_dsl.entities import entity
from queast_dsl.mentions import NO_WORDS, NO_WORDS_INSIDE, TEXTS, is_told
from queast_dsl.types import ListType, ObjectType, StrType, Type
from queast_runtime.engine.event import Event, JsonObject
from queast_runtime.engine.letters import Range
from queast_runtime.engine.names import Names, forms

STAND_IN: Final = "a person"
# An address that a signal must have, and that says nothing: no such host can be.
_NOWHERE: Final = "https://host.invalid/"


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


def sought(body: JsonObject, hidden: Iterable[Mention]) -> Names:
    """Return the names by which the hidden persons are looked for in what a signal says.

    What stands in a public field of the company (its name, its city) says nothing of a person. At the mention itself it
    is replaced all the same.
    """
    given = dict.fromkeys(each.name(body) for each in hidden)
    names = Names.of(dict.fromkeys(form for name in given for form in forms(name)))
    company = body.get("company")
    return names.without(_public_texts(entity("company"), company)) if isinstance(company, dict) else names


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
    names = sought(event.body, hidden)
    body = _without(entity("signal"), event.body, names, skip=(*NO_WORDS, *TEXTS))
    if isinstance(company := body.get("company"), dict):
        body["company"] = _described_without(entity("company"), company, names)
    moved: list[dict[str, Any]] = []
    for field in TEXTS:
        text = body.get(field)
        if not isinstance(text, str):
            continue
        stay = [(each.start, each.end) for each in shown if each.field == field]
        spans = [(each.start, each.end) for each in hidden if each.field == field]
        spans += [span for span in names.ranges(text) if not any(_meet(span, other) for other in stay)]
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


def _public_texts(shape: ObjectType, body: JsonObject) -> Iterator[str]:
    for prop in shape.properties:
        value = body.get(prop.name)
        if isinstance(prop.type, ObjectType) and isinstance(value, dict):
            yield from _public_texts(prop.type, value)
        elif isinstance(value, str) and not is_told(prop):
            yield value


def _described_without(shape: ObjectType, body: JsonObject, names: Names) -> JsonObject:
    """Return a company whose free text no longer spells any of the names; its other values are public."""
    told = [prop for prop in shape.properties if is_told(prop) and prop.name in body]
    return {**body, **{prop.name: _freed(prop.type, body[prop.name], names) for prop in told}}


def _without(shape: ObjectType, body: JsonObject, names: Names, skip: tuple[str, ...]) -> JsonObject:
    """Return an object whose texts no longer spell any of the names, but for the keys in `skip`."""
    freed: JsonObject = {}
    for key, value in body.items():
        found = None if key in skip else shape.get(key)
        told = value if found is None else _freed(found.type, value, names)
        if told is not None or value is None:
            freed[key] = told
        elif found is not None and not found.optional:
            freed[key] = _NOWHERE
    return freed


def _freed(type_: Type, value: Any, names: Names) -> Any:
    match type_, value:
        case ObjectType(), dict():
            return _without(type_, value, names, skip=NO_WORDS_INSIDE)
        case ListType(item=item), list():
            return [_freed(item, each, names) for each in value]
        case StrType(format="uri"), str():
            return _host_only(value, names) if any(names.ranges(value)) else value
        case StrType(format=None), str():
            return _cut(value, list(_merged(names.ranges(value))))
        case _:
            return value


def _host_only(url: str, names: Names) -> str | None:
    """Return the address of a page's host; None where that spells the name, too, or cannot be read."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return None
    return f"{parts.scheme}://{host}/" if host and not any(names.ranges(host)) else None


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
