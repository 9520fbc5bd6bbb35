"""Functions on domains, addresses and telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from queast_dsl.functions.model import Cleared, Example, Function, FunctionError, Param, bounded

# Mostly an address is a web address or a host in small letters, and then there is nothing to split: what is before the
# host has no sign that could belong to it, and what is behind it is of no account. It ends with a letter: no number.
_USUAL: Final = re.compile(r"(?:https?://)?((?:[a-z0-9]+[.-])*+[a-z]++)(?![^/?#])").match
_AUTHORITY: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//").match
_LONGEST_LABEL: Final = 63
# A label holds a letter or digit, and dashes and underscores, a dash neither first nor last.
_LABEL: Final = r"(?!-)(?=[^.]*[a-z0-9])[a-z0-9_-]{1,63}(?<!-)"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*").fullmatch
# What `urlsplit` leaves out wherever it stands, and what it leaves out at the beginning.
_NOWHERE: Final = dict.fromkeys(map(ord, "\t\r\n"))
_NOT_FIRST: Final = "".join(map(chr, range(33)))


@cache
def _registrable() -> Callable[[str], str | None]:
    # Reading the list takes longer than everything else in this package; most mappings never need it.
    from queast_dsl.suffixes import suffixes

    return suffixes().registrable


def _host(text: str) -> str | None:
    usual = _USUAL(text)
    if usual is not None and len(host := usual[1]) <= _LONGEST_LABEL:
        return host
    return _split_host(text)


def _split_host(text: str) -> str | None:
    candidate = text.strip().translate(_NOWHERE).lstrip(_NOT_FIRST)
    try:
        host = urlsplit(candidate if _AUTHORITY(candidate) is not None else f"//{candidate}").hostname
    except ValueError:
        return None
    if not host:
        return None
    host = host.rstrip(".").lower()
    if len(host) > 253:
        return None
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except UnicodeError:
            return None
    return host if len(host) <= 253 and _HOST(host) is not None else None


def _domain(text: str) -> str | None:
    # Not through `_host`: this one stands in most mappings, and what is usual ends with a letter, so it is no number.
    usual = _USUAL(text)
    if usual is None or len(host := usual[1]) > _LONGEST_LABEL:
        split = _split_host(text)
        if split is None or split.replace(".", "").isdigit():
            return None
        host = split
    return _registrable()(host)


def _email_domain(email: str) -> str | None:
    local, at, host = email.strip().rpartition("@")
    if not at or not local:
        return None
    return _domain(host)


def _url_path(url: str) -> str:
    try:
        return urlsplit(url.strip()).path or "/"
    except ValueError:
        return "/"


def _https(text: str) -> str:
    stripped = text.strip()
    scheme, separator, rest = stripped.partition("://")
    if not separator:
        return bounded(f"https://{stripped}")
    if scheme.lower() not in ("http", "https"):
        raise FunctionError("the address is no web address")
    return bounded(f"https://{rest}")


def _link_target(url: str) -> str:
    stripped = url.strip()
    scheme, separator, _ = stripped.partition(":")
    safe = separator and scheme.lower() in ("http", "https", "mailto", "tel")
    return stripped if safe else "#"


def _check_country(code: str) -> None:
    import phonenumbers

    if code.upper() not in phonenumbers.SUPPORTED_REGIONS and code != "ZZ":
        raise FunctionError("no country has this code; ISO 3166-1 alpha-2 codes are such as 'NO'")


def _phone(text: str, country: str = "ZZ") -> str | None:
    import phonenumbers

    try:
        number = phonenumbers.parse(text[:250], None if country == "ZZ" else country.upper())
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        "domain",
        "domains",
        (Param("address", "str"),),
        "str",
        _domain,
        "The registrable domain of a URL or host name by the public suffix list; null where there is none.",
        (Example("domain('https://www.acme.co.uk/about')", "acme.co.uk"), Example("domain('10.0.0.1')", None)),
        nullable_result=True,
        format="hostname",
        max_length=253,
        bound="text",
    ),
    Function(
        "url_host",
        "domains",
        (Param("url", "str"),),
        "str",
        _host,
        "The host name of a URL in lower case; null where there is none.",
        (Example("url_host('https://WWW.acme.no/x')", "www.acme.no"),),
        nullable_result=True,
        format="hostname",
        max_length=253,
        bound="text",
    ),
    Function(
        "url_path",
        "domains",
        (Param("url", "str"),),
        "str",
        _url_path,
        "The path of a URL.",
        (Example("url_path('https://acme.no/jobs?id=1')", "/jobs"),),
        bound="text",
        grows=1,
        least=1,
    ),
    Function(
        "https",
        "domains",
        (Param("url", "str"),),
        "str",
        _https,
        "The address as an https URL.",
        (Example("https('acme.no')", "https://acme.no"), Example("https('http://acme.no/a')", "https://acme.no/a")),
        total=False,
        format="uri",
        bound="text",
    ),
    Function(
        "link_target",
        "domains",
        (Param("url", "str"),),
        "str",
        _link_target,
        "The address where it is safe to click on (http, https, mailto, tel), otherwise `#`.",
        (Example("link_target('https://acme.no')", "https://acme.no"), Example("link_target('javascript:x')", "#")),
        bound="text",
        grows=1,
        least=1,
    ),
    Function(
        "email_domain",
        "domains",
        (Param("email", "str"),),
        "str",
        _email_domain,
        "The registrable domain of an e-mail address. That of an e-mail field no longer names a person.",
        (Example("email_domain('kari@mail.acme.no')", "acme.no"), Example("email_domain('kari')", None)),
        nullable_result=True,
        declassifies=Cleared(frozenset({"business_contact"}), format="email"),
        format="hostname",
        max_length=253,
        bound="text",
    ),
    Function(
        "phone",
        "domains",
        (Param("number", "str"), Param("country", "str", optional=True, default="ZZ", check=_check_country)),
        "str",
        _phone,
        "The telephone number in E.164; null where it is none. `country` (ISO alpha-2) reads national numbers.",
        (Example("phone('22 12 34 56', 'NO')", "+4722123456"), Example("phone('none')", None)),
        nullable_result=True,
        format="phone",
        max_length=32,
        bound="fixed",
    ),
)
