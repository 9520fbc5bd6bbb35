"""What redaction rewrites is the list that the compiler goes by, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from engine_plans import COMPANY, SIGNAL
from noninterference.pairs import envelope
from queast_dsl.entities import entity
from queast_dsl.mentions import texts_with_names
from queast_dsl.types import ListType, ObjectType, StrType, Type
from queast_runtime.engine.event import Event, read_event
from queast_runtime.engine.redaction import redacted

NAME = "Kari Nordmann"


def filled(type_: Type, depth: int = 0) -> Any:
    """A value that names the person in every text it holds."""
    match type_:
        case ObjectType():
            inner = type_.properties if depth < 3 else ()
            return {prop.name: value for prop in inner if (value := filled(prop.type, depth + 1)) is not None}
        case ListType(item=item):
            return [filled(item, depth + 1)]
        case StrType(format="uri"):
            return "https://news.example/kari-nordmann"
        case StrType():
            return NAME
        case _:
            return None


def changed(before: Any, after: Any, path: str) -> Iterator[str]:
    if isinstance(before, dict):
        for key, value in before.items():
            yield from changed(value, after[key], f"{path}.{key}")
    elif before != after:
        yield path


def test_what_is_rewritten_is_what_a_grant_for_names_is_counted_as_needed_for() -> None:
    """D6.3"""
    event = read_event(envelope("signal", {"signal": {**SIGNAL, "company": COMPANY}}))
    assert isinstance(event, Event)
    mention = {"field": "title", "start": 0, "end": len(NAME)}
    # The name stands in public fields of a company, too, under which it would be kept: here it stands in none.
    told = {prop.name: NAME for prop in entity("company").properties if "free_text" in prop.labels}
    body = {**filled(entity("signal")), "company": {**COMPANY, **told}, "mentions": [mention]}
    event = replace(event, data={**event.data, "signal": body})
    after = redacted(event, frozenset())
    found = {path for path in changed(body, after.body, "signal") if not path.startswith("signal.mentions")}
    assert found == texts_with_names()
