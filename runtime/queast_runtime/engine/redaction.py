"""Names in a signal's texts: whom no grant covers is "a person" before any mapping reads the texts.

Queast says where a title or a summary names somebody (`signal.mentions`, offsets in code points). What stands there is
replaced once, in the event itself, so that conditions, fields, templates, hashes and traces all see the same text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from queast_runtime.engine.event import Event, JsonObject

STAND_IN: Final = "a person"
# The texts in which mentions point.
TEXTS: Final[tuple[str, ...]] = ("title", "summary")


@dataclass(frozen=True, slots=True)
class Mention:
    """Characters `start` to `end` (exclusive) of a text name a person; `person_id` is None for one Queast has not."""

    field: str
    start: int
    end: int
    person_id: str | None


def mentions(body: JsonObject) -> tuple[Mention, ...]:
    """Return the mentions of a signal that `read_event` let through, in its order."""
    return tuple(
        Mention(each["field"], each["start"], each["end"], each.get("person_id")) for each in body.get("mentions") or ()
    )


def redacted(event: Event, kept: frozenset[str]) -> Event:
    """`Kari Nordmann joins Acme`, Kari not among `kept`  ->  `a person joins Acme`.

    `kept` are ids of persons who may be named. A name of several words is replaced wherever it stands in either text,
    mentioned there or not; a single word only where the mention is, as it may be a company's name elsewhere. The
    mentions of the result point into the new texts; those of replaced names hold no person any more.
    """
    if event.entity != "signal":
        return event
    found = mentions(event.body)
    hidden = [each for each in found if each.person_id not in kept]
    if not hidden:
        return event
    shown = [each for each in found if each.person_id in kept]
    names = {_slice(event.body, each) for each in hidden}
    names = {name for name in names if len(name.split()) > 1}
    body: JsonObject = dict(event.body)
    moved: list[dict[str, Any]] = []
    for field in TEXTS:
        text = body.get(field)
        if not isinstance(text, str):
            continue
        spans = [(each.start, each.end) for each in hidden if each.field == field]
        stay = [(each.start, each.end) for each in shown if each.field == field]
        spans += [span for span in _occurrences(text, names) if not any(_meet(span, other) for other in stay)]
        cuts = list(_merged(spans))
        body[field] = _cut(text, cuts)
        moved += [{"field": field, "start": at, "end": at + len(STAND_IN)} for at in _places(cuts)]
        moved += [
            {"field": field, "start": start, "end": end, "person_id": each.person_id}
            for each in shown
            if each.field == field and not any(_meet((each.start, each.end), cut) for cut in cuts)
            for start, end in [(_shifted(each.start, cuts), _shifted(each.end, cuts))]
        ]
    body["mentions"] = sorted(moved, key=lambda each: (TEXTS.index(each["field"]), each["start"]))
    return replace(event, data={**event.data, "signal": body})


def names_in(body: JsonObject, hidden: Iterable[Mention]) -> frozenset[str]:
    """Return the texts that mentions point at."""
    return frozenset(name for name in (_slice(body, each) for each in hidden) if name.strip())


def _slice(body: JsonObject, mention: Mention) -> str:
    text = body.get(mention.field)
    return text[mention.start : mention.end] if isinstance(text, str) else ""


def _occurrences(text: str, names: Iterable[str]) -> Iterator[tuple[int, int]]:
    for name in names:
        # A tenant has no say in this pattern: it is a quoted name between word boundaries, linear in the text.
        for found in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
            yield found.span()


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """`(0, 4) (2, 9) (20, 24)`  ->  `(0, 9) (20, 24)`; empty ones are dropped."""
    held: tuple[int, int] | None = None
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if held is not None and start < held[1]:
            held = (held[0], max(held[1], end))
            continue
        if held is not None:
            yield held
        held = (start, end)
    if held is not None:
        yield held


def _cut(text: str, cuts: list[tuple[int, int]]) -> str:
    parts: list[str] = []
    at = 0
    for start, end in cuts:
        parts += (text[at:start], STAND_IN)
        at = end
    return "".join((*parts, text[at:]))


def _places(cuts: list[tuple[int, int]]) -> Iterator[int]:
    return (_shifted(start, cuts) for start, _ in cuts)


def _shifted(position: int, cuts: list[tuple[int, int]]) -> int:
    """Return where a position outside of all cuts stands after them."""
    return position + sum(len(STAND_IN) - (end - start) for start, end in cuts if end <= position)
