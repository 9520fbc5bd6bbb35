"""Registrable domains against the library, rule by rule, and addresses in all their spellings."""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from publicsuffixlist import PublicSuffixList

from queast_dsl.functions import REGISTRY
from queast_dsl.suffixes import suffixes

_RULES = sorted(PublicSuffixList()._publicsuffix)
_LABELS = st.from_regex(r"\A[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?\Z")


@cache
def _library(with_hosters: bool) -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=True, only_icann=not with_hosters)


def _address(function: str, text: str) -> Any:
    return REGISTRY[function].python(text)


@pytest.mark.parametrize("with_hosters", [True, False])
def test_every_rule_of_the_list_is_understood_as_the_library_does(with_hosters: bool) -> None:
    ours, library = suffixes(with_hosters=with_hosters), _library(with_hosters)
    differ = [
        host
        for rule in _RULES
        for host in (way + rule.removeprefix("!").removeprefix("*.") for way in ("", "a.", "www.b.", "c.b.a."))
        if host.isascii() and ours.registrable(host) != library.privatesuffix(host)
    ]
    assert len(_RULES) > 9_000
    assert not differ


@given(labels=st.lists(_LABELS, min_size=1, max_size=6), rule=st.sampled_from(["", *filter(str.isascii, _RULES)]))
def test_any_host_has_the_registrable_domain_that_the_library_finds(labels: list[str], rule: str) -> None:
    host = ".".join([*labels, *filter(None, [rule.lstrip("!*.")])])
    assert suffixes().registrable(host) == _library(True).privatesuffix(host)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("acme.no", "acme.no"),
        ("https://www.acme.co.uk/about?ref=1#top", "www.acme.co.uk"),
        ("http://acme.no:8080", "acme.no"),
        ("HTTPS://WWW.Acme.NO", "www.acme.no"),
        ("ftp://acme.no/x", "acme.no"),
        ("//acme.no/x", "acme.no"),
        ("acme.no?next=https://other.no", "acme.no"),
        ("acme.no/redirect//other.no", "acme.no"),
        ("WWW.acme.no/redirect//other.no", "www.acme.no"),
        ("https://kari:secret@acme.no/", "acme.no"),
        ("https://other.no@acme.no", "acme.no"),
        ("https://acme.no\\@other.no", "other.no"),
        (" https://acme.no\n", "acme.no"),
        ("\x00https://acme.no", "acme.no"),
        ("ht\ttps://ac\nme.no", "acme.no"),
        ("acme.no.", "acme.no"),
        ("blåbær.no", "xn--blbr-roah.no"),
        ("a" * 63 + ".no", "a" * 63 + ".no"),
        ("a" * 64 + ".no", None),
        ("-acme.no", None),
        ("acme-.no", None),
        ("acme..no", None),
        ("", None),
        ("https:///path", None),
        ("https://[::1", None),
    ],
)
def test_the_host_of_an_address_in_any_spelling(text: str, host: str | None) -> None:
    assert _address("url_host", text) == host


@given(
    before=st.sampled_from(["", "http://", "https://", "HTTPS://", "ftp://", "//", " ", "x@", "https://x@", "\x01"]),
    labels=st.lists(st.from_regex(r"\A[A-Za-z0-9_.-]{1,8}\Z"), min_size=1, max_size=4),
    after=st.sampled_from(["", "/", "/a//b", "?x", "#x", ":80", ":80/x", " ", "\\x", "@other.no", ".", "\n", "é"]),
)
@example("https://", ["acme", "no"], "/")
def test_a_usual_address_has_the_host_that_splitting_it_gives(before: str, labels: list[str], after: str) -> None:
    text = before + ".".join(labels) + after
    clean = re.sub(r"[\t\r\n]", "", text).strip().lstrip("\x01")
    has_authority = re.match(r"([A-Za-z][A-Za-z0-9+.-]*:)?//", clean) is not None
    split = urlsplit(clean if has_authority else f"//{clean}").hostname
    if split is not None and split.isascii():
        found = _address("url_host", text)
        assert found is None or found == split.rstrip(".")
        simple = all(re.fullmatch(r"[a-z0-9]([a-z0-9_-]{0,20}[a-z0-9])?", label) for label in split.split("."))
        assert found is not None or not simple


@pytest.mark.parametrize("text", ["10.0.0.1", "https://192.168.1.1/admin", "127.1", "co.uk", "no", "localhost"])
def test_numbers_and_suffixes_have_no_registrable_domain(text: str) -> None:
    assert _address("domain", text) is None
