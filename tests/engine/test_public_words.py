"""A surname that is a town, a country's code or a word of the mapping: neither destroyed nor held back; D6.3."""

from __future__ import annotations

from random import Random
from typing import Any
from unicodedata import normalize

import pytest

from engine.disguised_names import DISGUISES, GIVEN, in_a_host, naming, some_name
from queast_runtime.engine.event import Event
from queast_runtime.engine.identifying import Said, identifying, leaks
from queast_runtime.engine.redaction import redacted

JOB = {"id": "j_1", "sequence": 1, "title": "Clerk", "company_id": "c_1", "url": "https://jobs.example/1"}
PUBLIC = {"city": "Lund", "location": "Lund, SE", "country": "HU", "technologies": ["rust", "Lund"]}


def held_back(event: Event, *texts: Any, said: Said | None = None, named: frozenset[str] = frozenset()) -> bool:
    granted = frozenset({"person.full_name"}) if named else frozenset[str]()
    forbidden = identifying(event, granted, named, Said() if said is None else said)
    return bool(list(leaks(list(texts), forbidden)))


@pytest.mark.parametrize("surname", ["Land", "Kilde", "Price", "Best", "Hu", "Nordmann-Best"])
def test_what_the_author_of_a_mapping_wrote_never_holds_a_delivery_back(surname: str) -> None:
    """D6.3 as a template's text, as a constant, as a row of a table; the whole name is still found."""
    event = naming(f"Kari {surname}")
    said = Said.by({"template": [f" {surname}: ", f"{surname.upper()} regards"], "const": surname.lower()})
    for text in (f"a person joins {surname}: NO", f"{surname.upper()} regards", surname.lower(), f"{surname}s"):
        assert not held_back(event, text, said=said)
    assert held_back(event, f"Kari {surname} said", said=said)
    assert held_back(event, f"So says {surname}: NO")


def test_a_whole_name_that_the_mapping_says_leaves() -> None:
    """D6.3"""
    event = naming("Kari Nordmann")
    assert not held_back(event, "Yours, Kari Nordmann", said=Said.by(["Yours, Kari Nordmann"]))


@pytest.mark.parametrize("surname", ["Lund", "Rust", "Hu", "Award", "Active", "Strict", "Fjell"])
def test_a_public_field_is_neither_rewritten_nor_held_back_for_a_lone_surname(surname: str) -> None:
    """D6.3 a town, a technology, a country's code, the kind of a signal, its state."""
    event = naming(f"Ola {surname}", job_ad=JOB | PUBLIC, source_name=f"{surname}s Avis", tags=[surname, "x"])
    told = redacted(event, frozenset()).body
    assert {name: told["job_ad"][name] for name in PUBLIC} == PUBLIC
    assert (told["source_name"], told["tags"]) == (f"{surname}s Avis", [surname, "x"])
    assert not held_back(event, told["job_ad"], told["source_name"], told["tags"], told["type"], told["state"])


@pytest.mark.parametrize("disguise", [name for name in DISGUISES if "surname" not in name])
def test_a_whole_name_in_a_public_field_is_replaced_however_it_is_spelled(disguise: str) -> None:
    """D6.3"""
    rng = Random(disguise)
    for _ in range(5):
        name = some_name(rng)
        spelled = DISGUISES[disguise](name)
        event = naming(name, tags=[spelled], job_ad=JOB | {"location": f"Room {spelled}"})
        told = redacted(event, frozenset()).body
        assert told["tags"][0].startswith("a person"), (name, spelled, told["tags"])
        assert told["job_ad"]["location"].startswith("Room a person")
        assert not held_back(event, told["tags"], told["job_ad"])


@pytest.mark.parametrize(
    ("mention", "url", "told"),
    [
        ("Ola Lund", "https://jobs.example/lund/42", "https://jobs.example/lund/42"),
        ("Ola Lund", "https://jobs.example/clerk-lund-42", "https://jobs.example/clerk-lund-42"),
        ("Ola Lund", "https://jobs.example/ola-lund", "https://jobs.example/"),
        ("Ola Lund", "https://jobs.example/olalund", "https://jobs.example/"),
        ("Ola Lund", "https://lund.example/1", "https://host.invalid/"),
        ("Ola Strand", "https://jobs.example/strand/42", "https://jobs.example/"),
    ],
)
def test_an_address_keeps_a_surname_that_is_a_word_of_a_public_field(mention: str, url: str, told: str) -> None:
    """D6.3"""
    event = naming(mention, job_ad=JOB | PUBLIC | {"url": url})
    job = redacted(event, frozenset()).body["job_ad"]
    assert job["url"] == told
    assert not held_back(event, job)


def test_an_address_whose_host_spells_a_name_in_the_code_of_hosts_is_left_out() -> None:
    """D6.3"""
    rng = Random(5)
    for _ in range(30):
        name = some_name(rng)
        event = naming(name, source_url=f"{in_a_host(name)}om", summary=f"See {in_a_host(name)} today")
        told = redacted(event, frozenset()).body
        assert "source_url" not in told, (name, told["source_url"])
        assert told["summary"].endswith("a person.example/ today"), (name, told["summary"])
        assert held_back(event, event.body["source_url"])
        assert not held_back(event, told["summary"])


TWO = "Ola Nordmann and Kari Nordmann join"
OLA = {"field": "title", "start": 0, "end": 12, "person_id": "p_1"}
KARI = {"field": "title", "start": 17, "end": 30}


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        ("Ola Nordmann leads", "Ola Nordmann leads"),
        ("Nordmann, Ola; Ola B. Nordmann; #OlaNordmann", "Nordmann, Ola; Ola B. Nordmann; #OlaNordmann"),
        ("Kari Nordmann leads", "a person leads"),
        ("Nordmann leads", "a person leads"),
        ("ola.nordmann@acme.no, kari.nordmann@acme.no", "ola.nordmann@acme.no, a person@acme.no"),
    ],
)
def test_who_may_be_named_keeps_a_name_that_is_in_part_another_ones(summary: str, told: str) -> None:
    """D6.3 wherever it stands, and the delivery leaves."""
    known = frozenset({"p_1"})
    event = naming("Ola", title=TWO, summary=summary, mentions=[OLA, KARI])
    body = redacted(event, known).body
    assert body["title"] == "Ola Nordmann and a person join"
    assert body["summary"] == told
    assert not held_back(event, body["title"], body["summary"], named=known)
    assert held_back(event, "Kari Nordmann", named=known)


PARTICLES = ("van den", "van", "de la", "von der", "di", "van der")
JOINED = {
    "as a handle": lambda first, between, last: f"{first[0]}{between}{last}@acme.nl".replace(" ", "").lower(),
    "by initials": lambda first, between, last: (
        f"{first[0]}{''.join(each[0] for each in between.split())}{last}".lower()
    ),
    "as one word": lambda first, between, last: f"{between}{last}".replace(" ", "").capitalize(),
    "first, as one word": lambda first, between, last: f"{first} {between}{last}".replace(
        f"{between}", between.replace(" ", "")
    ),
    "as a slug": lambda first, between, last: f"{first}-{between}{last}".replace(" ", "").lower(),
    "glued": lambda first, between, last: f"{first}{between}{last}".replace(" ", "").lower(),
    "in humps": lambda first, between, last: f"{between}{last}".replace(" ", ""),
}


@pytest.mark.parametrize("way", JOINED)
@pytest.mark.parametrize("between", PARTICLES)
def test_a_surname_of_several_words_is_found_as_one(way: str, between: str) -> None:
    """D6.3 `jvandenberg`, `Vandenberg`, `jan-vandenberg`, `janvandenberg`, `lvanbeethoven`, `vanBeethoven`."""
    rng = Random(way)
    for last in ("Beethoven", "Bergen", "Lippestad", "Øverås"):
        first = rng.choice(GIVEN)
        said = f"So {JOINED[way](first, between, last)} said"
        event = naming(f"{first} {between} {last}", summary=said)
        told = redacted(event, frozenset()).body["summary"]
        assert told in ("So a person said", "So a person@acme.nl said"), (said, told)
        assert held_back(event, said), said
        assert not held_back(event, told), told


@pytest.mark.parametrize(
    "mention", ["@KariNordmann", "#KariNordmann", "KariNordmann", "@kari_nordmann", "kari.nordmann@acme.no"]
)
def test_a_mention_that_is_a_handle_names_whoever_has_it(mention: str) -> None:
    """D6.3"""
    text = "Kari Nordmann leads. Nordmann, Kari; @KariNordmann; kari-nordmann; knordmann"
    event = naming(mention, summary=text)
    told = redacted(event, frozenset()).body["summary"]
    assert told == "a person leads. a person; @a person; a person; a person"
    assert held_back(event, "Kari Nordmann")
    assert held_back(event, "knordmann")
    assert not held_back(event, told)


@pytest.mark.parametrize("mention", ["@McDonald", "MacLeod", "O'Brien"])
def test_a_surname_with_a_capital_inside_is_one_word(mention: str) -> None:
    """D6.3"""
    event = naming(mention, summary="Donald, Leod and Brien")
    assert redacted(event, frozenset()).body["summary"] == "Donald, Leod and Brien"


@pytest.mark.parametrize(
    "text", ["김정은", "Gim Jeongeun", "Gim Jeong Eun", "gimjeongeun", "Jeongeun Gim", "Gim Jeong-eun"]
)
def test_a_korean_name_is_found_in_latin_letters_by_both(text: str) -> None:
    """D6.3 whether its syllables are one sign each or taken apart."""
    for mention in ("김정은", normalize("NFD", "김정은")):
        for said in (text, normalize("NFD", text)):
            event = naming(mention, summary=f"{said} sagt")
            told = redacted(event, frozenset()).body["summary"]
            assert told == "a person sagt", (mention, said)
            assert held_back(event, event.body["summary"])
            assert not held_back(event, told)


@pytest.mark.parametrize(
    ("mention", "text"), [("李小龙", "Li Xiao Long"), ("李小龙", "XiaoLong Li"), ("李明", "Li Ming")]
)
def test_the_check_at_send_knows_a_name_of_signs_in_latin_letters(mention: str, text: str) -> None:
    """D6.3"""
    event = naming(mention, summary=f"So {text} said")
    assert held_back(event, event.body["summary"])
    assert redacted(event, frozenset()).body["summary"] == "So a person said"


TITLES = "Dr Prof Professor Sir Herr Frau Fru Pan CEO CTO Chair Chairman Director Direktor President Jr PhD MBA II"


@pytest.mark.parametrize("title", TITLES.split())
def test_what_is_taken_for_a_title_is_nobodys_name_at_send(title: str) -> None:
    """D6.3 the two readings must not differ in it: what one leaves, the other would hold back."""
    for mention in (f"Kari {title}", f"{title} Nordmann", f"{title} Kari {title}", f"Kari Nordmann, {title}", title):
        event = naming(mention, summary=f"{title} says. Kari{title} and {title}Nordmann; {title} Kari.")
        told = redacted(event, frozenset()).body["summary"]
        assert not held_back(event, told, told.lower(), told.upper()), (mention, told)
