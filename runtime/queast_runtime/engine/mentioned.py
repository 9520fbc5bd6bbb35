"""Whom a signal mentions, for the check at send: the ways to name those who may not be named, but for those that the
mapping, the signal's public fields and the names of others say by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from queast_dsl.entities import entity
from queast_dsl.types import ListType, ObjectType, StrType
from queast_runtime.engine.callings import names
from queast_runtime.engine.event import Event, JsonObject
from queast_runtime.engine.rereading import Named, NameText, name_text
from queast_runtime.engine.unescaping import readings

# Not what a signal says, but whom it mentions.
_NO_FIELD: Final = "mentions"


@dataclass(frozen=True, slots=True)
class SaidNames:
    """What a mapping says, as names are looked for in it."""

    texts: tuple[NameText, ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str]) -> SaidNames:
        return cls((NameText.of_all(list(_read(texts))),))

    def say(self, named: Named) -> bool:
        return any(text.may_say(named) for text in self.texts)


def hidden_names(event: Event, named: frozenset[str], said: SaidNames) -> tuple[Named, ...]:
    """Return the ways to name the persons whom a signal mentions and who are not among `named`.

    Some are words that leave anyway: of the mapping, of what is public of the company, of a person who may be named.
    A lone surname may be a town of a public field, or a word that the signal uses as one.
    """
    mentions = _mentions(event)
    texts = dict.fromkeys(_text(event, each) for each in mentions if each.get("person_id") not in named)
    ways = tuple(dict.fromkeys(way for text in texts for way in names(text)))
    if not ways:
        return ()
    permitted = dict.fromkeys(_text(event, each) for each in mentions if each.get("person_id") in named)
    theirs = {(way.kind, form) for text in permitted for way in names(text) if way.lone for form in way.spellings}
    company: list[tuple[bool, str]] = []
    if isinstance(body := event.body.get("company"), dict):
        company += _fields(entity("company"), body)
    others = list(_fields(entity("signal"), {**event.body, "company": None}))
    public = list(_read(text for is_told, text in company if not is_told))
    shown = list(_read(permitted))
    fields = list(_read(text for is_told, text in others if not is_told))
    told = list(_read(text for is_told, text in (*company, *others) if is_told))

    def is_free(way: Named) -> bool:
        if said.say(way) or any(text.may_say(way) for text in (*public, *shown)):
            return True
        if not way.lone:
            return False
        is_of_others = any((way.kind, form) in theirs for form in way.spellings)
        return is_of_others or any(text.may_say(way) for text in fields) or any(text.uses(way) for text in told)

    return tuple(way for way in ways if not is_free(way))


def hidden_ids(event: Event, named: frozenset[str]) -> Iterable[str]:
    """Return the ids of the persons whom a signal mentions and who are not among `named`."""
    ids = (each.get("person_id") for each in _mentions(event))
    return dict.fromkeys(id_ for id_ in ids if id_ is not None and id_ not in named)


def _mentions(event: Event) -> list[JsonObject]:
    return (event.body.get("mentions") or []) if event.entity == "signal" else []


def _text(event: Event, mention: JsonObject) -> str:
    return str(event.body.get(mention["field"]))[mention["start"] : mention["end"]]


def _read(texts: Iterable[str]) -> Iterator[NameText]:
    return (name_text(each) for text in dict.fromkeys(texts) for each in readings(text))


def _fields(shape: ObjectType, body: JsonObject) -> Iterator[tuple[bool, str]]:
    """Yield the texts of an object's fields, each with whether somebody told it in words of their own.

    An address of a signal is none of them: it spells what the page is about. A company's own is public as its name is.
    """
    for prop in shape.properties:
        if prop.name != _NO_FIELD:
            for text in _of(prop.type, body.get(prop.name), addresses=shape.name.startswith("company")):
                yield ("free_text" in prop.labels or text[0], text[1])


def _of(type_: Any, value: Any, *, addresses: bool) -> Iterator[tuple[bool, str]]:
    match type_, value:
        case ObjectType(), dict():
            yield from _fields(type_, value)
        case ListType(item=item), list():
            for each in value:
                yield from _of(item, each, addresses=addresses)
        case StrType(format="uri"), str() if not addresses:
            pass
        case _, str():
            yield False, value
        case _:
            pass
