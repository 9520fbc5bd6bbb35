"""Two events that agree in all that a mapping may read and in nothing else that says something of a person."""

from __future__ import annotations

import re
from random import Random
from typing import Any

from noninterference.documents import GRANTABLE
from queast_runtime.engine.event import Event, read_event

NAMES = ["Kari Nordmann", "Knut Nilsen", "Kjersti Nygaard-Holm", "Kåre Nyström", "Ketil N'Dour"]
OTHERS = ["Ola Hansen", "Åse Bø", "Per-Erik Lindström", "Di Li"]
COMPANY = {"id": "c_1", "sequence": 3, "name": "Fjell AS", "domain": "acme.no", "city": "Oslo", "country": "NO"}
ENUMS = {"person.seniority": ["director", "manager"], "person.department": ["sales", "finance"]}
TITLES = ["{0} joins {company}", "{company} hires {0}", "{company}: {0}, {1}", "{0}"]
SUMMARIES = [
    None,
    "{0} starts in May.",
    "{1} leaves; {0} follows {1}.",
    "Nothing more.",
    # The person whom the title names, spelled in other ways and mentioned nowhere here.
    "{0:gap} starts, says {0:caps}.",
    "Ms {0:sur} was CFO; it is {0:gen} job.",
]
TAGS = [None, ["hiring"], ["hiring", "{0}"]]
URLS = [None, "https://news.example/1", "https://news.example/{0:slug}-leaves?x=1"]


def _values(rng: Random) -> dict[str, Any]:
    """A person whose initials and e-mail domain are always the same, as those may be told."""
    name = rng.choice(NAMES)
    local = f"{name.split()[0].lower()}{rng.randrange(99)}"
    maybe: dict[str, list[Any]] = {
        "phone": [f"+47221{rng.randrange(10_000, 99_999)}", None],
        "mobile_phone": [f"+47991{rng.randrange(10_000, 99_999)}", None],
        "linkedin_url": [f"https://linkedin.com/in/{local}", None],
        "job_title": ["Head of Sales", "Clerk", "Oslo", None],
        "seniority": [*ENUMS["person.seniority"], None],
        "department": [*ENUMS["person.department"], None],
        "city": ["Oslo", "Bergen", None],
        "language": ["no", "sv", None],
        "employed_since": ["2020-02-01", "2011-11-30", None],
        "notes": ["Met at a fair", "a", "Oslo", None],
    }
    return {
        "full_name": name,
        "first_name": name.split()[0],
        "last_name": name.split()[1],
        "email": f"{local}@acme.no",
        **{key: rng.choice(values) for key, values in maybe.items()},
    }


def person_pair(rng: Random, granted: frozenset[str]) -> tuple[Event, Event]:
    one, other = _values(rng), _values(rng)
    same = {path.removeprefix("person.") for path in granted}
    other = {key: one[key] if key in same else value for key, value in other.items()}
    assert {f"person.{key}" for key in one} == set(GRANTABLE)
    free = {"id": "p_1", "sequence": 1, "company_id": "c_1", "country": rng.choice(["NO", "SE"])}
    first, second = (_event("person", {"person": free | each, "company": COMPANY}) for each in (one, other))
    return first, second


def signal_pair(rng: Random, granted: frozenset[str]) -> tuple[Event, Event]:
    """Two signals whose texts name other persons in the same places."""
    texts = (rng.choice(TITLES), rng.choice(SUMMARIES), rng.choice(TAGS), rng.choice(URLS))
    with_ids = rng.random() < 0.7
    people = [rng.sample(NAMES, 1) + rng.sample(OTHERS, 1) for _ in range(2)]
    if "person.full_name" in granted:
        # Those whom Queast knows may be named; the others may not.
        people = [people[0], people[0]] if with_ids else people
    marks = ("", "") if people[0] == people[1] else ("a", "b")
    one, other = (
        _event("signal", {"signal": _signal(texts, names, with_ids, mark)})
        for names, mark in zip(people, marks, strict=True)
    )
    return one, other


def spelled(name: str, how: str) -> str:
    match how:
        case "gap":
            return name.replace(" ", "  ")
        case "caps":
            return name.upper()
        case "sur":
            return name.split()[-1]
        case "gen":
            return name.split()[-1] + "s"
        case "slug":
            return name.lower().replace(" ", "-")
        case _:
            return name


def _signal(texts: tuple[Any, ...], names: list[str], with_ids: bool, mark: str) -> dict[str, Any]:
    title, summary, tags, url = texts
    mentions: list[dict[str, Any]] = []
    body: dict[str, Any] = {}
    for field, template in (("title", title), ("summary", summary)):
        if template is None:
            continue
        text = ""
        for part in template.replace("{", "\0{").replace("}", "}\0").split("\0"):
            if part in ("{0}", "{1}"):
                which = int(part[1])
                mention = {"field": field, "start": len(text), "end": len(text) + len(names[which])}
                mentions.append(mention | ({"person_id": f"p_{which}{mark}"} if with_ids else {}))
                text += names[which]
            else:
                text += filled(part, names)
        body[field] = text
    if tags is not None:
        body["tags"] = [filled(tag, names) for tag in tags]
    if url is not None:
        body["source_url"] = filled(url, names)
    return {
        "id": "s_1",
        "sequence": 1,
        "type": "hiring",
        "strictness": "strict",
        "state": "active",
        "occurred_at": "2026-03-01T10:00:00Z",
        "company": COMPANY,
        "mentions": mentions,
        **body,
    }


def filled(text: str, names: list[str]) -> str:
    """Put names, spelled as asked for, and the company into a text."""
    text = text.replace("{company}", str(COMPANY["name"]))
    return re.sub(r"\{(\d):?(\w*)\}", lambda found: spelled(names[int(found[1])], found[2]), text)


def envelope(entity: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "e_1",
        "source": "queast",
        "type": f"queast.{entity}.created",
        "time": "2026-03-01T10:00:00Z",
        "data": data,
    }


def _event(entity: str, data: dict[str, Any]) -> Event:
    event = read_event(envelope(entity, data))
    assert isinstance(event, Event), event
    return event
