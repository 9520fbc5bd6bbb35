"""The worst signals: a hundred mentions, texts of full length, names of the costliest kinds; D6.3."""

from __future__ import annotations

from itertools import islice, product
from time import process_time

import pytest

from engine.disguised_names import naming
from queast_runtime.engine.identifying import Said, identifying, leaks
from queast_runtime.engine.redaction import redacted

# On one slow core, with room to spare: what grows with the square of a text takes ten times as long.
SECONDS = 2.0
KINDS = {
    "particles": "Ab van Cd ",
    "hyphens": "Abcd-Efgh ",
    "a chain of hyphens": "b-",
    "humps": "AbcDef",
    "entities": "&aring;b ",
    "entities of entities": "&amp;amp;amp;amp;aring; ",
    "tags": "<b>Ab</b> ",
    "open tags": "<a",
    "backslashes": "\\u00e5b ",
    "percent signs": "%C3%A5b ",
    "misread": "Ã¥b ",
    "a mail's code": "=C3=A5b ",
    "hosts": "xn--pl-degrd-9zaf9r ",
    "Cyrillic": "Иван Дво-Рак ",
    "Korean": "김정은 ",
    "Korean taken apart": "\u1100\u1175\u11b7",
    "Chinese": "李 ",
    "marks": "a\u0301",
}


def many_names() -> str:
    signs = product("ABCDEFGH", "abcdefgh", "IJKLMN", "abcdefgh")
    return "".join(f"{a}{b}-{c}{d} van {d}{c}{b} " for a, b, c, d in islice(signs, 700))


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize("kind", [*KINDS, "all of them different"])
def test_the_costliest_names_are_found_in_bounded_time(kind: str, is_known: bool) -> None:
    """D6.3"""
    text = (KINDS.get(kind, many_names()) * 8000)[:8000]
    summary = text[:3990]
    spans = [(at * 37 % 3700, 200) for at in range(50)] + [(at * 31, 30) for at in range(50)]
    known = {"person_id": "p_1"} if is_known else {}
    mentions = [
        {"field": "summary", "start": start, "end": start + length} | (known if number % 2 else {})
        for number, (start, length) in enumerate(spans)
    ]
    job = {"id": "j", "sequence": 1, "title": "t", "company_id": "c_1", "url": "https://x.no/1", "description": text}
    event = naming("x", summary=summary, mentions=mentions, job_ad=job, tags=["ab"] * 200)
    named = frozenset({"p_1"}) if is_known else frozenset[str]()
    start = process_time()
    told = redacted(event, named).body
    forbidden = identifying(event, frozenset(), named, Said.by(["a", "template"]))
    list(leaks([event.body["summary"], told["job_ad"]["description"], told["summary"]], forbidden))
    assert process_time() - start < SECONDS
