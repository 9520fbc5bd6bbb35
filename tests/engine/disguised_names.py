"""Persons of the North, of Germany and Poland, and the ways to spell one whom a signal names elsewhere."""

from __future__ import annotations

import quopri
import unicodedata
from html import escape
from html.entities import codepoint2name
from random import Random
from typing import Any
from urllib.parse import quote

import idna

from noninterference.pairs import COMPANY, envelope
from queast_runtime.engine.event import Event, read_event

_GIVEN = (
    "Kari Pål Åse Øyvind Søren Bjørn Jürgen Käthe Łukasz Małgorzata Jörg Mårten Æsa Þóra Veli-Matti Per-Erik Anne"
    " Günther Zoë Håkon Śławomir Päivi Knud"
)
_FAMILY = (
    "Nordmann Ødegård Bjørnstad Müller Wałęsa Kjær Ångström Schröder Weiß Hämäläinen Nygaard-Holm Lindström Sæther"
    " Dąbrowski Grønbæk Øverås Voß Kjærgaard O'Nordmann Sjöberg Mäkinen Guðmundsdóttir Jørgensen"
)
ELSEWHERE = {
    "Иван Петров": "Ivan Petrov",
    "Юлия Щукина": "Yuliya Shchukina",
    "Сергей Яковлев": "Sergei Iakovlev",
    "Андрей Жуков": "Andrej Schukow",
    "Γιώργος Παπαδόπουλος": "Giorgos Papadopoulos",
    "Νίκος Αλεξίου": "Nikos Alexiou",
}
# What stands around a name; none of these words is part of any.
_AROUND = (
    "The board of the company said on Monday that growth in the energy market will go on . New offices in Bergen and"
    " Stockholm open in May , with 42 people more . AS was not asked , du og vi bor her . Mitarbeiter suchen Wohnung"
)
GIVEN, FAMILY, AROUND = _GIVEN.split(), _FAMILY.split(), _AROUND.split()
WIDE = str.maketrans(
    {"å": "aa", "ä": "ae", "ö": "oe", "ø": "oe", "ü": "ue", "æ": "ae", "ß": "ss"}
    | {"Å": "Aa", "Ä": "Ae", "Ö": "Oe", "Ø": "Oe", "Ü": "Ue", "Æ": "Ae"}
)
BARE = str.maketrans(
    {"ø": "o", "æ": "ae", "ł": "l", "ß": "ss", "ð": "d", "þ": "th"}
    | {"Ø": "O", "Æ": "Ae", "Ł": "L", "Ð": "D", "Þ": "Th"}
)  # fmt: skip


def bare(text: str) -> str:
    """`Pål Ødegård`  ->  `Pal Odegard`"""
    taken_apart = (s if s > "\u036f" else unicodedata.normalize("NFD", s)[0] for s in text.translate(BARE))
    return "".join(s for s in taken_apart if not unicodedata.combining(s))


def wide(text: str) -> str:
    """`Pål Ødegård`  ->  `Paal Oedegaard`"""
    return bare(text.translate(WIDE))


def _turned(name: str) -> str:
    first, _, last = name.partition(" ")
    return f"{last}, {first}"


def entities(name: str) -> str:
    """`Pål Ødegård`  ->  `P&aring;l&nbsp;&Oslash;deg&aring;rd`"""
    said = name.replace(" ", "\u00a0")
    return "".join(f"&{codepoint2name[ord(s)]};" if ord(s) in codepoint2name else s for s in said)


def misread(name: str) -> str:
    """UTF-8 that was read as the code of Windows, or as Latin-1 where that has no sign: `Ã˜degÃ¥rd`."""
    return "".join(bytes([at]).decode("cp1252", "ignore") or chr(at) for at in name.encode())


def in_python(name: str) -> str:
    """`Øde`  ->  the backslash, `u00d8de`"""
    return "".join(sign if sign.isascii() else f"\\u{ord(sign):04x}" for sign in name)


def in_a_host(name: str) -> str:
    return f"https://{idna.encode(name.lower().replace(' ', '-').replace(chr(39), '')).decode()}.example/"


def _hidden_sign(name: str) -> str:
    return "\u00ad".join((name[:-3], name[-3:]))


DISGUISES = {
    "as it is": str,
    "in capitals": str.upper,
    "bare": bare,
    "wide": wide,
    "decomposed": lambda name: unicodedata.normalize("NFD", name),
    "as a slug": lambda name: bare(name).lower().replace(" ", "-"),
    "as a wide slug": lambda name: wide(name).lower().replace(" ", "_"),
    "glued": lambda name: name.replace(" ", ""),
    "glued and bare": lambda name: bare(name).lower().replace(" ", ""),
    "glued to digits": lambda name: bare(name).lower().replace(" ", "") + "42",
    "turned round": _turned,
    "with an initial": lambda name: name.replace(" ", " B. ", 1),
    "over two lines": lambda name: name.replace(" ", "\n"),
    "with a hard blank": lambda name: name.replace(" ", "\u00a0"),
    "with a soft hyphen": _hidden_sign,
    "with a sign of no width": lambda name: "\u200b".join(name),
    "in the genitive": lambda name: f"{name}s",
    "with a curly apostrophe": lambda name: f"{name}\u2019s",
    "by the surname": lambda name: name.partition(" ")[2],
    "by the bare surname": lambda name: bare(name.partition(" ")[2]).lower(),
    "by the wide surname": lambda name: wide(name.partition(" ")[2]),
    "in a link": lambda name: quote(name),
    "in a link, twice": lambda name: quote(quote(name)),
    "in HTML": lambda name: "".join(sign if sign.isascii() else f"&#{ord(sign)};" for sign in name),
    "in one tag after the other": lambda name: name.replace(" ", "</b> <b>"),
    "in a tag": lambda name: f"{name[:-4]}<i>{name[-4:-2]}</i>{name[-2:]}",
    "with named entities": entities,
    "with entities, escaped": lambda name: escape(entities(name)),
    "read in another code": misread,
    "as a program writes it": in_python,
    "as a mail writes it": lambda name: quopri.encodestring(name.encode()).decode().replace("=\n", ""),
    "over a place to break": lambda name: f"{name[:-3]}<wbr>{name[-3:]}",
}
# Those that are found by themselves in a text without capitals only.
SMALL = ("by the bare surname",)
# How a mention may hold more or less than the name.
MENTIONS = {
    "as it is": str,
    "bare": bare,
    "wide": wide,
    "in capitals": str.upper,
    "turned round": _turned,
    "with an age": lambda name: f"{name} (42)",
    "with an age behind a comma": lambda name: f"{name}, 42 år",
    "with a suffix": lambda name: f"{name} Jr.",
    "with a title": lambda name: f"Dr. {name}",
    "with an office": lambda name: f"{name}, CEO",
    "with a curly apostrophe": lambda name: f"{name}\u2019s",
    "in quotes": lambda name: f"\u00ab{name}\u00bb",
    "with named entities": entities,
    "with entities, escaped": lambda name: escape(entities(name)),
    "in a link": lambda name: quote(quote(name)),
    "with a hard blank": lambda name: name.replace(" ", "\u00a0"),
    "in tags": lambda name: f"<b>{name.replace(' ', '</b> <b>')}</b>",
    "in escaped tags": lambda name: escape(f"<b>{name}</b>"),
    "with a sign of no width": lambda name: "\u200b".join(name),
    "read in another code": misread,
    "as a program writes it": in_python,
    "with a word joined to it": lambda name: f"{name}-led",
}


def some_name(rng: Random) -> str:
    return f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}"


def some_words(rng: Random, count: int) -> str:
    return " ".join(rng.choice(AROUND) for _ in range(count))


def naming(mention: str, company: dict[str, Any] | None = None, **texts: Any) -> Event:
    """Return a signal whose title names a person, and whose other texts are the given ones."""
    body = {
        "id": "s_1",
        "sequence": 1,
        "type": "hiring",
        "strictness": "strict",
        "state": "active",
        "occurred_at": "2026-03-01T10:00:00Z",
        "company": COMPANY | (company or {}),
        "title": f"{mention} joins",
        "mentions": [{"field": "title", "start": 0, "end": len(mention)}],
    }
    event = read_event(envelope("signal", {"signal": body | texts}))
    assert isinstance(event, Event), event
    return event
