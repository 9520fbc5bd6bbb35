"""ISO 3166-1 alpha-2 code of a country, from its code or its name in most languages that name it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Final

from queast_dsl.names.words import read_words

# What people write and the tables lack.
_SUPPLEMENT: Final = {
    "AE": "uae, emirates",
    "CD": "dr congo",
    "CI": "ivory coast",
    "CN": "peoples republic of china, pr china, prc",
    "CV": "cabo verde",
    "CZ": "czechia, czech republic",
    "GB": "uk, great britain, britain, england, scotland, wales, northern ireland",
    "HK": "hong kong sar",
    "KN": "st kitts and nevis",
    "KR": "korea, republic of korea",
    "MK": "north macedonia",
    "MM": "burma",
    "NL": "holland",
    "RU": "russian federation",
    "SZ": "eswatini",
    "TL": "east timor",
    "TR": "turkiye",
    "US": "usa, united states of america, america",
    "VA": "vatican city",
    "VC": "st vincent and grenadines",
    "VN": "viet nam",
    "XK": "kosovo",
}


def _locales() -> Mapping[str, Mapping[str, str]]:
    """Return the names of countries by code and language that phonenumbers ships.

    Its package of places reads 100 MB of them where it is imported, so the one module is read by itself.
    """
    package = find_spec("phonenumbers")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("phonenumbers")
    spec = spec_from_file_location("phonenumbers.geodata.locale", Path(package.origin).parent / "geodata" / "locale.py")
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError("phonenumbers.geodata.locale")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Mapping[str, Mapping[str, str]] = module.LOCALE_DATA
    return found


@cache
def _by_name() -> dict[str, str]:
    names: dict[str, str] = {}
    for code, by_language in sorted(_locales().items()):
        for name in (code, *by_language.values()):
            # One that begins with an asterisk refers to another language.
            if not name.startswith("*"):
                names.setdefault(_key(name), code)
    return names | {_key(name): code for code, more in _SUPPLEMENT.items() for name in more.split(",")}


def _key(text: str) -> str:
    words = read_words(text).words
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


@lru_cache(maxsize=4096)
def read_country(text: str) -> str | None:
    """`Norway`, `Norge`, `no`  ->  `NO`; None for what names no country."""
    return _by_name().get(_key(text)) if text.strip() else None
