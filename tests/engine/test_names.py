"""Whom a signal names is found however a text spells the name, by what replaces it and by the check at send; D6.3."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from engine.disguised_names import DISGUISES, ELSEWHERE, MENTIONS, SMALL, naming, some_name, some_words
from queast_runtime.engine.event import Event
from queast_runtime.engine.identifying import Said, identifying, leaks
from queast_runtime.engine.redaction import redacted

NAMES_EACH = 3


def freed(event: Event) -> dict[str, Any]:
    return redacted(event, frozenset()).body


def is_held_back(event: Event, *texts: Any) -> bool:
    """Ask the check at send alone whether texts may leave."""
    return bool(list(leaks(list(texts), identifying(event, frozenset(), frozenset(), Said()))))


def check(mention: str, disguise: str, rng: Random, *, is_small: bool = False) -> None:
    before, behind = some_words(rng, 4), some_words(rng, 4)
    if is_small:
        # Where a text uses capitals, a lone surname in small letters is a word of the language.
        before, behind = before.lower(), behind.lower()
    event = naming(mention, summary=f"{before} {disguise} {behind}")
    told = freed(event)
    assert is_held_back(event, event.body["summary"]), (mention, disguise)
    # The words around it are as they were, to the letter; of the name there is no more than a genitive or a number.
    start, _, end = told["summary"].partition("a person")
    assert start == f"{before} ", (mention, disguise, told["summary"])
    assert end in {f"{rest} {behind}" for rest in ("", "s", "\u2019s", "42")}, (mention, disguise, told["summary"])
    assert not is_held_back(event, told["title"], told["summary"]), (mention, disguise, told)


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_name_in_any_disguise_is_found_by_both_whatever_its_mention_holds(disguise: str) -> None:
    """D6.3 each way to mention and each way to spell, with random names among random words."""
    rng = Random(disguise)
    for mention in MENTIONS.values():
        for _ in range(NAMES_EACH):
            name = some_name(rng)
            check(mention(name), DISGUISES[disguise](name), rng, is_small=disguise in SMALL)


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_name_in_other_letters_is_found_in_latin_ones_and_the_other_way_round(name: str, disguise: str) -> None:
    """D6.3 Cyrillic and Greek as they are written in English, German, passports and Scandinavia."""
    rng = Random(name)
    check(name, DISGUISES[disguise](ELSEWHERE[name]), rng, is_small=disguise in SMALL)
    check(name, DISGUISES[disguise](name), rng, is_small=disguise in SMALL)
    check(f"{name} (42)", DISGUISES[disguise](ELSEWHERE[name]), rng, is_small=disguise in SMALL)


def test_a_text_without_the_name_is_left_alone() -> None:
    """D6.3 random texts, random names, every way to mention them."""
    rng = Random(9)
    for mention in MENTIONS.values():
        for name in (*ELSEWHERE, *(some_name(rng) for _ in range(40))):
            text = some_words(rng, 40)
            event = naming(mention(name), summary=text)
            assert freed(event)["summary"] == text, (mention(name), text)
            assert not is_held_back(event, text), (mention(name), text)


@pytest.mark.parametrize(
    ("mention", "text"),
    [
        ("Kari Nordmann\u2019s", "a personnel starts; Nordmannstarts"),
        ("Kari Holm", "Stockholm, Holmen and Holmgang; Karin Holmberg"),
        ("Kari Aas", "Fjord AS is as good as Fjell ASA"),
        ("Ola Due", "da du kom, sa du det"),
        ("Ola Moe", "mo i Rana, mot"),
        ("Per Sonne", "personnel"),
        ("Kari Do", "we do what they do"),
        ("Eva Berg", "The bergen office, Bergen, Lindberg"),
        ("Jon Asen", "Jonas and the jonasener"),
        ("Hans Jonas", "hans jon; Jonasson"),
        ("Kari Nordmann AS-42", "42 AS"),
    ],
)
def test_words_that_only_begin_or_sound_like_a_name_stay(mention: str, text: str) -> None:
    """D6.3 a name is found as a word of the text, glued ones included."""
    event = naming(mention, summary=text)
    assert freed(event)["summary"] == text
    assert not is_held_back(event, text)


@pytest.mark.parametrize(
    ("mention", "summary", "told"),
    [
        ("Kari Nordmann", "#KariNordmann, linkedin.com/in/karinordmann", "#a person, linkedin.com/in/a person"),
        ("Kari Nordmann", "#KariNordmannJoins", "#a personJoins"),
        ("Kari Nordmann", "k.nordmann@acme.no, knordmann", "k.a person@acme.no, a person"),
        ("Kari Nordmann", "Mail <kari.nordmann@acme.no>", "Mail <a person@acme.no>"),
        ("Kari Nordmann", "So says Nordmann. Kari left.", "So says a person. Kari left."),
        (
            "Kari Nordmann Hansen",
            "Hansen was there. Kari Hansen; Kari Nordmann",
            "a person was there. a person; a person",
        ),
        ("Kari Nordmann Hansen", "Nordmann said so", "a person said so"),
        ("Kjersti Nygaard-Holm", "Holm and Nygaard; kjersti nygaard", "a person and a person; a person"),
        ("Per-Erik Lindström", "Per Lindstrom left", "a person left"),
        ("Ludwig van der Lippe", "van der Lippe; Lippe; van", "van der a person; a person; van"),
        ("Kåre O'Nordmann", "Onordmann, O\u2019Nordmann", "a person, a person"),
        ("Kari Nordmanns", "Kari Nordmann, Nordmann", "a person, a person"),
        ("Kari (Kaja) Nordmann", "Kari Nordmann", "a person"),
        ("Dr. Dr. h.c. Kari Nordmann, PhD", "Nordmann", "a person"),
        ("Nordmann", "Kari Nordmann", "Kari a person"),
        ("李小龙", "李小龙说, Li Xiao Long, XiaoLong Li", "a person说, a person, a person"),
        ("Müller", "Muller, Mueller, MÜLLER", "a person, a person, a person"),
        ("Kari Ås", "Aas, Ås; as is", "a person, a person; as is"),
        ("Kari Ås", "Fjell AS", "Fjell AS"),
        ("Ola Bø", "Bø, Boe, bo", "a person, a person, bo"),
        ("Kari Person", "Ms Person is a person", "Ms a person is a person"),
        ("Kari Nordmann", "Nordma\u0301nn, N&ouml;rdmann &amp; Nord&shy;mann", "a person, a person &amp; a person"),
    ],
)
def test_what_else_names_the_person_is_replaced_and_nothing_beside_it(mention: str, summary: str, told: str) -> None:
    """D6.3"""
    event = naming(mention, summary=summary)
    assert freed(event)["summary"] == told
    assert not is_held_back(event, told)


@pytest.mark.parametrize(
    ("mention", "url", "told"),
    [
        ("Pål Ødegård", "https://news.example/2026/pal-odegard-ny-sjef", "https://news.example/"),
        ("Åse Bjørnstad", "https://news.example/aase-bjornstad?x=1", "https://news.example/"),
        ("Pål Ødegård", "https://news.example/P%25C3%25A5l%20%C3%98deg%C3%A5rd", "https://news.example/"),
        ("Kari Nordmann", "https://kari.nordmann:x@news.example:8080/a", "https://news.example:8080/"),
        ("Kari Nordmann", "https://www.karinordmann.example/about", None),
        ("Kari Nordmann", "https://[broken/kari-nordmann", None),
        ("Kari Nordmann", "https://news.example/nordmannen-1", "https://news.example/nordmannen-1"),
    ],
)
def test_an_address_that_spells_a_name_is_cut_to_a_host_that_does_not(mention: str, url: str, told: str | None) -> None:
    """D6.3 one whose host spells it, or cannot be told, is left out."""
    event = naming(mention, source_url=url)
    assert freed(event).get("source_url") == told


def test_a_job_ad_keeps_an_address_that_leads_nowhere_where_even_its_host_spells_a_name() -> None:
    """D6.3 a job ad has an address: mappings may count on it."""
    job = {"id": "j_1", "sequence": 1, "title": "Clerk", "company_id": "c_1", "url": "https://karinordmann.example/"}
    event = naming("Kari Nordmann", job_ad=job)
    assert freed(event)["job_ad"]["url"] == "https://host.invalid/"


@pytest.mark.parametrize(
    ("company", "text", "told"),
    [
        ("Nordmann AS", "Nordmann AS grows", "Nordmann AS grows"),
        ("Nordmann AS", "Kari Nordmann of Nordmann AS", "a person of Nordmann AS"),
        ("Nordmann AS", "He left Nordmann. Kari stays", "He left Nordmann. Kari stays"),
        ("Kari Nordmann AS", "Kari Nordmann AS grows", "Kari Nordmann AS grows"),
        ("KariNordmann AS", "KariNordmann AS is Kari Nordmann", "KariNordmann AS is a person"),
        ("Kari Nordmann AS", "#KariNordmann", "#a person"),
        ("Ås Bygg AS", "Ås Bygg", "Ås Bygg"),
        ("Nordmanns Bakeri", "Nordmanns Bakeri", "a persons Bakeri"),
    ],
)
def test_what_the_company_is_called_stays_and_is_not_held_back(company: str, text: str, told: str) -> None:
    """D6.3 only that: in the genitive or glued it is a name again."""
    event = naming("Kari Nordmann", {"name": company}, summary=text)
    assert freed(event)["summary"] == told
    assert not is_held_back(event, told)


def test_mentions_of_the_result_point_at_what_was_put_there() -> None:
    """D6.3 folded forms are longer or shorter than what they stand for; places are those of the text."""
    rng = Random(3)
    for disguise in DISGUISES.values():
        name = some_name(rng)
        body = freed(naming(name, summary=f"å\u0301ß {disguise(name)} &amp; {disguise(name)} end"))
        for each in body["mentions"]:
            assert body[each["field"]][each["start"] : each["end"]] == "a person"
        assert {each["field"] for each in body["mentions"]} == {"title", "summary"}
        assert body["summary"].startswith("å\u0301ß a person")
