"""Hostile input: bodies, fields and names that were made to break the page, or to run on it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import cycle
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from queast_runtime.web.desk import Candidate, Case, Evidence, Given, Step
from web.memory_desk import START, case_of, link_of
from web.visiting import OURS, House, Visitor, open_house

CASE = "/review/cases/rv_1"
FORM = {"content-type": "application/x-www-form-urlencoded", **OURS}
_RUNS = {"script", "iframe", "object", "embed", "base", "style", "template", "math"}


class Inert(HTMLParser):
    """Reads a page and keeps what could run: elements, handlers and addresses that the templates do not have."""

    def __init__(self) -> None:
        super().__init__()
        self.alarms: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _RUNS and not (tag == "script" and str(given.get("src")).startswith("/review/assets/")):
            self.alarms.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith(("on", "hx-on")) or name in ("style", "srcdoc", "data-hx-on"):
                self.alarms.append(f"{tag} {name}")
            if name in ("href", "src", "action", "formaction") and not str(value).startswith(("/", "#", "https://")):
                self.alarms.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(html: str) -> Inert:
    reader = Inert()
    reader.feed(html)
    reader.close()
    return reader


@pytest.fixture
def house() -> House:
    house = open_house()
    house.desks["acme"].add(case_of("rv_1"))
    return house


def strings() -> Iterator[str]:
    yield from (
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' autofocus onfocus='alert(1)",
        "</title><svg onload=alert(1)>",
        "javascript:alert(1)",
        "{{ 7*7 }}{% for x in [].__class__.__mro__ %}",
        "<a hx-get=/review/logout hx-trigger=load>",
        "A\u202eSA cidroN",
        "Nordic\x00Data\x1b[31m",
        "\ud800 lone",
        "N" * 20_000,
        "e\u0301" * 400,
    )
    folder = os.environ.get("QMAP_BADINPUT")
    if folder:
        for name, key in (("strings/blns.jsonl", "s"), ("templates/templates.jsonl", "t")):
            for line in (Path(folder) / "dev" / name).read_text(encoding="utf-8").splitlines():
                yield json.loads(line)[key]


def made_of(id: str, bad: list[str]) -> Case:
    """A case whose words are hostile texts, each at another place."""
    given = cycle(bad)
    text = given.__next__
    shown = Evidence(text(), text(), text(), 0.5, "for")
    record = Candidate(text()[:200] or "x", {"name": text(), text()[:50] or "y": text()}, 0.9, text(), (shown,), text())
    return case_of(
        id,
        subject={"name": text(), "domain": text(), text()[:50] or "x": text()},
        candidates=(record, replace(record, partner_id=text()[:200] or "z")),
        reason=text(),
        queast_id=text(),
        connection=text()[:80],
        object=text()[:80],
        mapping=text(),
        plan_digest=text(),
        unsure_by=text(),
        put_off_at=START,
    )


def test_names_from_outside_are_words_on_every_page(house: House) -> None:
    """Wherever a page shows what came from a CRM, an event or a person."""
    desk, visitor = house.desks["acme"], house.visitor(subject="<b>ana</b>")
    one = "/review/matches/one?account=acct-1&object=companies&id=c_1"
    texts = list(strings())
    for start in range(0, len(texts), 9):
        bad = texts[start : start + 9]
        given = Given("link", bad[0][:200], bad[-1], bad[0], START, bad[-1])
        desk.cases["rv_1"] = made_of("rv_1", bad)
        desk.cases["rv_2"] = replace(made_of("rv_2", bad[::-1]), answer=given)
        desk.links.clear()
        for number, each in enumerate(bad):
            desk.links["acct-1", "companies", f"c_{number}"] = link_of(
                f"c_{number}", each, name=each, partner_name=each[::-1], actor=each, url=each
            )
        desk.steps_kept[:] = [Step(START, each, "opened", "rv_1", each, each, each, each) for each in bad]
        for path in (CASE, "/review/cases/rv_2", "/review", "/review/matches", one, "/review/history"):
            page = visitor.get(path)
            assert page.status_code == 200, (path, bad)
            assert read(page.text).alarms == [], (path, bad)
            assert len(page.text) < 80_000


def test_the_reader_of_these_tests_does_see_what_would_run() -> None:
    found = read('<p onclick=x>a</p><script>1</script><a href="javascript:x">b</a><img src="http://x">')
    assert len(found.alarms) == 4


def test_what_is_invisible_in_a_name_is_spelled_out(house: House) -> None:
    house.desks["acme"].add(case_of("rv_1", "Nor\u202edic \u0421ata\u200b"))
    page = house.visitor().get(CASE).text
    assert "Nor⟨U+202E⟩dic" in page
    assert "\u202e" not in page
    words = "".join(read(page).words)
    assert "Take care: ours is written in Cyrillic and Latin letters, theirs in Latin." in words


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "http://evil.example/",
        "//evil.example",
        "data:text/html,x",
        "https:///x",
        "https://[::",
        " https://x",
    ],
)
def test_only_an_address_of_the_web_becomes_a_link(house: House, url: str) -> None:
    first = case_of("rv_1").candidates[0]
    house.desks["acme"].add(case_of("rv_1", candidates=(replace(first, url=url),)))
    assert "Open the record" not in house.visitor().get(CASE).text


@pytest.fixture
def visitor(house: House) -> Visitor:
    return house.visitor()


def sent(visitor: Visitor, body: bytes, path: str = f"{CASE}/answer", **headers: str) -> tuple[int, str]:
    came = visitor.send("POST", path, {**FORM, "x-csrf-token": visitor.csrf(), **headers}, content=body)
    assert "Traceback" not in came.text
    return came.status_code, "".join(read(came.text).words)


def test_a_body_above_64_kib_is_refused_whether_it_says_so_or_not(visitor: Visitor, house: House) -> None:
    large = b"note=" + b"x" * 70_000
    assert sent(visitor, large)[0] == 413

    async def dripping() -> object:
        for _ in range(70):
            yield b"x" * 1_000

    came = visitor.send("POST", f"{CASE}/answer", {**FORM, "x-csrf-token": visitor.csrf()}, content=dripping())
    assert came.status_code == 413
    assert "At most 64 KiB are taken" in came.text
    assert sent(visitor, b"", **{"content-length": "9" * 400})[0] == 413
    assert sent(visitor, b"", **{"content-length": "-1"})[0] == 413


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"", 400, "The field choice is missing"),
        (b"version=1", 400, "The field choice is missing"),
        (b"version=1&choice=", 400, "The field choice is missing"),
        (b"version=1&choice=drop", 400, "The field choice takes one of: link, create, reject, skip, unsure."),
        (b"choice=skip", 400, "The field version is missing"),
        (b"version=0&choice=skip", 400, "takes a whole number"),
        (b"version=-1&choice=skip", 400, "takes a whole number"),
        (b"version=1e3&choice=skip", 400, "takes a whole number"),
        (b"version=%D9%A1&choice=skip", 400, "takes a whole number"),
        (b"version=99999999999999999999&choice=skip", 400, "takes a whole number"),
        (b"version=1&choice=link", 400, "Choose the record that it is"),
        (b"version=1&version=2&choice=skip", 400, "The field version came 2 times"),
        (b"version=1&choice=skip&choice=link", 400, "The field choice came 2 times"),
        (b"version=1&choice=skip&tenant=nordlys", 400, "It has a field that this page does not know"),
        (b"version=1&choice=skip&<script>=1", 400, "It has a field that this page does not know"),
        (b"version=1&choice=skip&note=" + b"x" * 501, 400, "It has 501 characters; 500 are kept"),
        (b"version=1&choice=skip&note=%00", 400, "It holds control characters"),
        (b"version=1&choice=skip&candidate=" + b"x" * 2_049, 400, "is longer than 2048 characters"),
        (b"version=1&choice=skip&candidate=%00", 400, "characters that cannot be seen"),
        (b"version=1&choice=skip&candidate=%E2%80%AE", 400, "characters that cannot be seen"),
        (b"version=1&choice=skip&candidate=%FF", 400, "cannot be read"),
        (b"\xff\xfe", 400, "not an encoded form"),
        (b"a=1&" * 500, 400, "at most 400"),
        (b'{"choice": "skip"}', 400, "It has a field that this page does not know"),
    ],
)
def test_a_form_that_does_not_fit_is_told_why(
    visitor: Visitor, house: House, body: bytes, status: int, says: str
) -> None:
    came, words = sent(visitor, body)
    assert (came, says in words) == (status, True), words
    assert house.desks["acme"].cases["rv_1"].version == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/json"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": ""},
        {"content-encoding": "gzip"},
    ],
)
def test_what_is_no_form_is_not_read(visitor: Visitor, headers: dict[str, str]) -> None:
    assert sent(visitor, b"version=1&choice=skip", **headers)[0] == 415


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/review/cases/" + quote("../../etc/passwd", safe=""), 404),
        ("/review/cases/" + quote("<script>alert(1)</script>", safe=""), 404),
        ("/review/cases/" + "x" * 65, 404),
        ("/review/cases/%00", 404),
        ("/review/cases/' OR 1=1 --", 404),
        ("/review/cases/rv_1?nothing=1", 400),
        ("/review/cases/rv_1?kind=all", 400),
        ("/review/cases/rv_1?candidate=%00", 400),
        ("/review/cases/rv_1?candidate=%ff", 400),
        ("/review?after=" + "x" * 3_000, 400),
        ("/review/matches?rule=magic", 400),
        ("/review/matches/one?account=a", 400),
        ("/review/matches/one?account=a&object=b&id=c", 404),
        ("/review/" + quote("<img src=x onerror=alert(1)>", safe=""), 404),
    ],
)
def test_an_address_that_names_nothing_ends_in_a_sentence(visitor: Visitor, path: str, status: int) -> None:
    came = visitor.get(path)
    assert came.status_code == status
    assert read(came.text).alarms == []
    assert "Traceback" not in came.text


@pytest.mark.parametrize("pick", ["rv_1", "rv_1:", "rv_1:x", ":1", "rv 1:1", "rv_1:1:1", "../x:1", "rv_1:0"])
def test_a_pick_that_is_none_is_told_so(visitor: Visitor, pick: str) -> None:
    body = urlencode({"pick": pick, "choice": "skip"}).encode()
    status, words = sent(visitor, body, "/review/bulk")
    assert (status, "takes cases as ID:VERSION" in words) == (400, True)


def test_picking_nothing_is_told_so(visitor: Visitor) -> None:
    status, words = sent(visitor, b"choice=skip", "/review/bulk")
    assert (status, "Tick the cases in the queue first" in words) == (400, True)


@pytest.mark.parametrize("cookie", ["x", "a.b.c", "a" * 9_000, "eyJhbGciOiJub25lIn0.e30.", "%00", '"; drop'])
def test_a_cookie_that_is_none_asks_to_log_in(house: House, cookie: str) -> None:
    visitor = house.visitor(None)
    came = visitor.send("GET", "/review", {"cookie": f"qmap-session={cookie}"})
    assert came.status_code == 401
    assert "Traceback" not in came.text
