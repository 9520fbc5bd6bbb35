"""The check at send by itself: a value is found in any dress, and what only looks like one is not (D6.3)."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from html import escape
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

import pytest

from decisions.person_samples import KARI
from engine_plans import COMPANY
from noninterference.pairs import envelope
from queast_dsl.entities import entity
from queast_dsl.functions import REGISTRY, Function, FunctionError
from queast_runtime.engine.event import Event, read_event
from queast_runtime.engine.identifying import Said, identifying, leaks

GIVEN = ("full_name", "email", "phone", "linkedin_url", "mobile_phone")

PAAL = KARI | {
    "full_name": "Pål Ødegård",
    "first_name": "Pål",
    "last_name": "Ødegård",
    "email": "ødegård@acme.se",
    "linkedin_url": "https://www.linkedin.com/in/ødegård-1",
}
JUERGEN = KARI | {
    "full_name": "Jürgen Weiß",
    "first_name": "Jürgen",
    "last_name": "Weiß",
    "email": "weiß.j@acme.se",
    "linkedin_url": "https://www.linkedin.com/in/jw-weiß",
}
PERSONS_OF_ALL_LETTERS = {"Kåre": KARI, "Pål": PAAL, "Jürgen": JUERGEN}


def hashed(value: str) -> str:
    return sha256(value.encode()).hexdigest()


WAYS: dict[str, Callable[[str], str]] = {
    "alone": str,
    "in words": "Ask {} today".format,
    "glued to letters": "x{}x".format,
    "glued to digits": "1{}2".format,
    "in capitals": lambda value: f"<B>{value.upper()}</B>",
    "beside another number": "{} 2026-01-31".format,
    "in a link": lambda value: f"https://x.example/?q={quote(value, safe='')}&y=1",
    "in a link, three times": lambda value: quote(quote(quote(value, safe=""), safe=""), safe=""),
    "in a link in HTML": lambda value: escape(quote(quote(escape(value), safe=""), safe="")),
    "with signs that do not show": "\u00ad".join,
    "decomposed": lambda value: normalize("NFD", value),
    "hashed": lambda value: f"#{hashed(value.lower()).upper()}",
    "by the start of its hash": lambda value: hashed(value)[:32],
    "by the middle of its hash": lambda value: f"x-{hashed(value)[20:44]}",
}
# What these leave is the company's, or a part that names nobody.
TELLS_NOBODY = {"domain", "url_host"}
FUNCTIONS = {
    name: function
    for name, function in REGISTRY.items()
    if function.required == 1 and function.params[0].accepts in ("str", "any") and function.returns == "str"
    if function.declassifies is None and name not in TELLS_NOBODY
}


def made_by(function: Function, value: str) -> str | None:
    """Return what a function of the language makes of a value; None where that is nothing or has no letter or digit."""
    try:
        made = function.python(value)
    except FunctionError:
        return None
    return made if isinstance(made, str) and any(map(str.isalnum, made)) else None


def found_in(person: dict[str, Any], field: str, said: str) -> list[str]:
    """Return where the check finds a field with all others granted: what they give does not add up to that one."""
    person = person | {"mobile_phone": "+47 99 88 77 66", "job_title": "CTO at acme.no, kare"}
    event = read_event(envelope("person", {"person": person, "company": COMPANY}))
    assert isinstance(event, Event)
    parts = {"person.first_name", "person.last_name"} if field == "full_name" else set()
    granted = {f"person.{name}" for name in entity("person").names} - {f"person.{field}"} - parts
    forbidden = identifying(event, frozenset(granted), frozenset(), Said())
    innocent = {"id": "p_1", "name": COMPANY["name"], "domain": COMPANY["domain"], "text": "Ask for us on 2026-01-31"}
    assert list(leaks(innocent, forbidden)) == []
    message = {"values": {"x": 1, "list": [{"deep": said}]}}
    return [found.place for found in leaks(message, forbidden) if found.path == f"person.{field}"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("field", GIVEN)
@pytest.mark.parametrize("who", PERSONS_OF_ALL_LETTERS)
def test_the_check_at_send_finds_every_identifying_field_in_every_disguise(who: str, field: str, way: str) -> None:
    """D6.3 asked by itself."""
    person = PERSONS_OF_ALL_LETTERS[who] | {"mobile_phone": "+47 99 88 77 66"}
    assert found_in(person, field, WAYS[way](str(person[field]))) == ["values.list[0].deep"]


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("who", PERSONS_OF_ALL_LETTERS)
def test_the_check_at_send_finds_what_each_function_of_the_language_makes_of_a_field(who: str, name: str) -> None:
    """D6.3 a function that is new is asked of by itself; also with its result hashed, as far as that is all of it."""
    person = PERSONS_OF_ALL_LETTERS[who] | {"mobile_phone": "+47 99 88 77 66"}
    for field in GIVEN:
        made = made_by(FUNCTIONS[name], str(person[field]))
        if made is None:
            continue
        assert found_in(person, field, made) == ["values.list[0].deep"], (field, made)
        if name not in ("sha256", "url_path", "https"):
            assert found_in(person, field, hashed(made)) == ["values.list[0].deep"], (field, made)


def test_the_functions_that_are_asked_of_are_those_of_the_language() -> None:
    """D6.3 where nobody was asked, nothing was proved."""
    assert {"ascii", "normal_company_name", "upper", "escape_html", "escape_markdown", "sha256"} <= set(FUNCTIONS)
    for name in FUNCTIONS:
        assert any(made_by(FUNCTIONS[name], str(KARI[field])) for field in GIVEN[:4]), name


@pytest.mark.parametrize(
    ("email", "text", "is_said"),
    [
        ("kari.nordmann@acme.no", "Kari Nordmann (acme.no)", False),
        ("kari.nordmann@acme.no", "KARI NORDMANN, ACME.NO", False),
        ("kari.nordmann@acme.no", "<b>Kari</b> Nordmann<br>acme.no", False),
        ("karinordmann@acme.no", "Kari Nordmann\nacme.no", False),
        ("kåre65@acme.no", "acme.nohttps://linkedin.com/in/kåre65-acme.no", False),
        ("kåre65@acme.no", "https://linkedin.com/in/kåre65acme.no", False),
        ("post@mail.acme.no", "Post: mail.acme.no", False),
        ("kari.nordmann@acme.no", "kari.nordmann@acme.no", True),
        ("kari.nordmann@acme.no", "Kari Nordmann (acme.no), kari.nordmann@acme.no", True),
        ("kari.nordmann@acme.no", "Kari Nordmann @ acme.no", True),
        ("kari.nordmann@acme.no", "Kari Nordmann%40acme.no", True),
        ("kari.nordmann@acme.no", "kari.nordmann acme.no", True),
        ("kari.nordmann@acme.no", "kari-nordmann-acme-no", True),
        ("kari.nordmann@acme.no", "karinordmannacme.no", True),
        ("kari.n@acme.no", "Kari N. (acme.no)", True),
        ("kåre65@acme.no", "https://linkedin.com/in/kåre65@acme.no", True),
        ("åre65@acme.no", "https://linkedin.com/in/kåre65 acme.no", True),
    ],
)
def test_a_name_beside_a_domain_is_no_address_and_an_address_is_one_with_any_sign_in_it(
    email: str, text: str, is_said: bool
) -> None:
    """D6.3 most addresses are made of a name and the company's domain, and both may stand in one text."""
    names = {"full_name": "Kari Nordmann", "first_name": "Kari", "last_name": "Nordmann"}
    person = KARI | names | {"email": email, "linkedin_url": "https://linkedin.com/in/kåre65"}
    event = read_event(envelope("person", {"person": person, "company": COMPANY}))
    assert isinstance(event, Event)
    granted = frozenset({"person.first_name", "person.last_name", "person.linkedin_url"})
    forbidden = identifying(event, granted, frozenset(), Said.by({"template": "Post: "}))
    assert [found.path for found in leaks(text, forbidden)] == ["person.email"] * is_said
