"""Surnames that are words of a language: what redaction leaves of a text is never held back at send; D6.3."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.disguised_names import DISGUISES, ELSEWHERE, FAMILY, GIVEN, MENTIONS, naming
from noninterference.pairs import COMPANY, envelope
from queast_runtime.engine.event import Event, read_event
from queast_runtime.engine.identifying import Said, identifying, leaks
from queast_runtime.engine.redaction import redacted

SENTENCES = """
Prisen på kraft og energi stiger igjen, og det går mot en kald vinter i nord.
Vi søker en daglig leder til et hotell ved strand og fjell. Det er god lønn og lang ferie.
En dag i mai kom det nye styret; berg- og dalbanen er snart ferdig.
Selskapet bygger vei, bro og havn. Fisk og land er due-gode ord, sier Moen.
Priset på el och värme stiger. Lund, Berg och Ström ligger i norr, vid en lång strand.
Vi söker en kock till ett hotell. God lön, frisk luft och en ny dag varje dag.
Det är kallt i maj, men dalen och sjön är vackra.
Virksomheden søger en dygtig kok til en lille kro ved å og skov. Dag og nat er der krig om prisen.
Holm og Lund vokser. Den nye bro til øen er dyr, men god.
Yhtiö etsii uutta kokkia; laine, virta ja joki ovat sanoja. Mäki on korkea, koski syvä.
Uusi tehdas avataan. Hinta nousee, kun talvi tulee ja järvi jäätyy.
Wir suchen einen Koch (m/w/d) und eine junge Kraft für die Küche. Der Preis ist heiß, das Jahr ist lang.
Im Mai war es kalt, weiß der Wirt. Berg und Tal, Fluss und See gehören dem neuen Herrn.
Wilk i lis to nowak w lesie. Nowy rok, nowa zima, mały wzrost i duży mróz.
Zarząd szuka kowala; cena rośnie, a praca czeka.
Share price rises due to the best year ever. May we help? Long and short, the price is right.
The chair of the board said on Friday that a young cook will lead the bank; stone, wood and field remain.
Rose is a rose, a bush is a bush. Best regards from the north; a hill & a lake, price/earnings, in-house.
the whole text is in small letters, also berg and lund and price.
EVERYTHING IS WRITTEN IN CAPITALS, THE PRICE OF WOOD AND STONE.
""".strip().splitlines()
WORDS = sorted({word for text in SENTENCES for word in re.findall(r"[^\W\d_]{2,}", text)})
TITLES = ("{} joins", "New: {}", "{} und Partner", "the {} case", "Ny leder: {}!")
ABROAD = ("Иван Лис", "Петр Цой", "Юлия Май", "Γιώργος Μπεργκ", "김정은", "李明", "Jan van den Berg", "Per Berg-Holm")


def capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def held_back(event: Event, *texts: Any, named: frozenset[str] = frozenset()) -> list[str]:
    """Return the texts that the check at send does not let leave."""
    granted = frozenset({"person.full_name"}) if named else frozenset[str]()
    forbidden = identifying(event, granted, named, Said())
    return [text for text in dict.fromkeys(texts) if any(leaks(text, forbidden))]


def sentences() -> st.SearchStrategy[str]:
    one = st.sampled_from(SENTENCES)
    return st.one_of(one, st.tuples(one, one).map(" ".join), one.map(str.lower), one.map(str.upper))


@st.composite
def names(draw: st.DrawFn) -> str:
    surname = capital(draw(st.sampled_from(WORDS)))
    more = capital(draw(st.sampled_from(WORDS)))
    family = draw(st.sampled_from((surname, surname, f"{surname}-{more}", f"van den {surname}", f"{more} {surname}")))
    name = f"{draw(st.sampled_from(GIVEN))} {family}"
    known = f"{draw(st.sampled_from(GIVEN))} {draw(st.sampled_from(FAMILY))}"
    handle = f"@{draw(st.sampled_from(GIVEN))}{surname}"
    abroad = draw(st.sampled_from((*ABROAD, *ELSEWHERE)))
    return draw(st.sampled_from((name, name, name, surname, abroad, known, handle, name.lower())))


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Signals with two mentions, of which the second may be of a person who may be named."""
    first, second = draw(names()), draw(names())
    if draw(st.booleans()):
        second = f"{draw(st.sampled_from(GIVEN))} {first.split()[-1]}"
    mention = MENTIONS[draw(st.sampled_from(sorted(MENTIONS)))](first)
    disguised = DISGUISES[draw(st.sampled_from(sorted(DISGUISES)))]
    before, between, behind = draw(st.sampled_from(TITLES)).partition("{}")[0], " and ", " meet"
    title = f"{before}{mention}{between}{second}{behind}"
    start = len(before) + len(mention) + len(between)
    mentions = [
        {"field": "title", "start": len(before), "end": len(before) + len(mention)},
        {"field": "title", "start": start, "end": start + len(second), "person_id": "p_1"},
    ]
    name = disguised(first) if draw(st.booleans()) else draw(st.sampled_from((first, second, "")))
    word = draw(st.sampled_from(WORDS))
    job = {
        "id": "j_1",
        "sequence": 1,
        "title": draw(sentences()),
        "company_id": "c_1",
        "url": f"https://jobs.example/{draw(st.sampled_from((word, first.split()[-1])))}/42".replace(" ", "-"),
        "city": capital(draw(st.sampled_from(WORDS))),
        "country": draw(st.sampled_from(("NO", "HU", "SE"))),
        "technologies": [word],
        "description": draw(sentences()),
    }
    summary = f"{draw(sentences())} {name} {draw(sentences())}"
    body = {
        "id": "s_1",
        "sequence": 1,
        "type": "award",
        "strictness": "strict",
        "state": "active",
        "occurred_at": "2026-03-01T10:00:00Z",
        "company": COMPANY | {"description": draw(sentences()), "city": capital(draw(st.sampled_from(WORDS)))},
        "title": title,
        "summary": summary,
        "source_name": capital(draw(st.sampled_from(WORDS))),
        "tags": [draw(st.sampled_from(WORDS)), first.split()[-1]],
        "job_ad": job,
        "mentions": mentions,
    }
    event = read_event(envelope("signal", {"signal": body}))
    assert isinstance(event, Event), event
    return event


def texts_of(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for key, each in value.items() if key != "mentions" for text in texts_of(each)]
        case list():
            return [text for each in value for text in texts_of(each)]
        case _:
            return []


def check(event: Event, is_known: bool) -> None:
    """Ask of each text as it is, in small letters, in capitals, of all in a row, and of each word of the summary."""
    named = frozenset({"p_1"}) if is_known else frozenset[str]()
    body = redacted(event, named).body
    told = texts_of(body)
    made = (*told, *map(str.lower, told), *map(str.upper, told), "; 42; ".join(told), *body["summary"].split())
    assert not held_back(event, *made, named=named), event.body


@given(events(), st.booleans())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_what_redaction_returns_is_not_held_back_at_send(event: Event, is_known: bool) -> None:
    """D6.3 names that are words of seven languages, with every way to mention them and to spell them."""
    check(event, is_known)


@pytest.mark.soak
@given(events(), st.booleans())
@settings(max_examples=20_000, deadline=None)
def test_what_redaction_returns_is_not_held_back_at_send_at_length(event: Event, is_known: bool) -> None:
    """D6.3"""
    check(event, is_known)


@pytest.mark.parametrize(
    ("mention", "text", "told"),
    [
        ("John Price", "Share price rises", "Share price rises"),
        ("Kari Due", "It is due to delay", "It is due to delay"),
        ("Per Dag", "En dag i mai", "En dag i mai"),
        ("Jan Kraft", "Mer kraft og energi", "Mer kraft og energi"),
        ("Hans Koch", "Wir kochen; der koch", "Wir kochen; der koch"),
        # Who begins a sentence with it means either; a leak is worse than a word.
        ("John Price", "Price rises", "a person rises"),
        ("Hans Koch", "Wir suchen einen Koch", "Wir suchen einen a person"),
        # A text without capitals says nothing of what is a name.
        ("John Price", "share price rises", "share a person rises"),
        ("john price", "Share price rises", "Share a person rises"),
        ("John Price", "Mail price@acme.no, @price, #price", "Mail a person@acme.no, @a person, #a person"),
        (
            "John Price",
            "See acme.no/price, j.price, price_j, price42",
            "See acme.no/a person, j.a person, a person_j, a person42",
        ),
        ("John Price", "At a price. Or no price... price- and cost", "At a price. Or no price... price- and cost"),
        ("Kari Im", "im mai, IM", "im mai, a person"),
        ("John Price", "So john price said", "So a person said"),
        ("John Price", "So johnprice and jprice said", "So a person and jprice said"),
    ],
)
def test_a_lone_surname_in_small_letters_is_a_word_where_a_text_uses_capitals(
    mention: str, text: str, told: str
) -> None:
    """D6.3"""
    event = naming(mention, summary=text)
    assert redacted(event, frozenset()).body["summary"] == told
    assert not held_back(event, told)


@pytest.mark.parametrize(
    ("mention", "text", "told"),
    [
        ("Kari Nordmann", "Mail nordmann[at]acme.no", "Mail a person[at]acme.no"),
        ("Kari Nordmann", "See https://acme.no/?q=nordmann", "See https://acme.no/?q=a person"),
        ("Kari Nordmann", "A ?first=x&last=nordmann", "A ?first=x&last=a person"),
        ("Kari Nordmann", "A x;nordmann, user=nordmann", "A x;a person, user=a person"),
        ("Kari Nordmann", "Login:nordmann", "Login:a person"),
        ("Kari Nordmann", "A <a href='mailto:nordmann'>", "A <a href='mailto:a person'>"),
        ("Kari Nordmann", "A _nordmann_ *nordmann* `nordmann`", "A _a person_ *a person* `a person`"),
        ("Kari Nordmann", "Here k. nordmann and hr. nordmann", "Here k. a person and hr. a person"),
        ("Kari Nordmann", "X nordmann's plan", "X a person's plan"),
        ("Kari Nordmann", "Begge: kari og ola nordmann i Oslo", "Begge: kari og ola a person i Oslo"),
        ("Mr Nordmann", "I Oslo er kari nordmann", "I Oslo er kari a person"),
        ("Kari Nordmann", "#NordmannJoinsAcme", "#a personJoinsAcme"),
        ("Kari Nordmann", "See https://x.no/WhyNordmannLeft", "See https://x.no/Whya personLeft"),
        ("John Price", 'A price (price) "price", price. A price!', 'A price (price) "price", price. A price!'),
        ("John Price", "I price, a price. I: price", "I price, a price. I: price"),
    ],
)
def test_a_lone_surname_that_is_called_as_a_name_is_found_in_small_letters(mention: str, text: str, told: str) -> None:
    """D6.3"""
    event = naming(mention, summary=text)
    assert redacted(event, frozenset()).body["summary"] == told
    assert not held_back(event, told)


@given(st.sampled_from(FAMILY), st.sampled_from(SENTENCES))
@settings(max_examples=100, deadline=None)
def test_no_word_of_a_text_is_lost_where_nobody_is_named(surname: str, text: str) -> None:
    """D6.3"""
    event = naming(f"Kari {surname}", summary=text)
    words = {word.casefold() for word in re.findall(r"\w+", text)}
    # Of two surnames each is one.
    if words.isdisjoint(re.findall(r"\w+", surname.casefold())) and surname != "Weiß":
        assert redacted(event, frozenset()).body["summary"] == text
        assert not held_back(event, text)
