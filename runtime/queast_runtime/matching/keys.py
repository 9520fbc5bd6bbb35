"""The exact keys that records are compared by, normalised alike on both sides."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from queast_dsl.functions import REGISTRY, FunctionError

# Hosts where anybody may have an address or a page: such a domain says nothing about whose record it is.
SHARED_DOMAINS: Final = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "ymail.com"),
        *("icloud.com", "me.com", "mac.com", "aol.com", "gmx.com", "gmx.de", "gmx.net", "web.de", "t-online.de"),
        *("mail.com", "mail.ru", "yandex.ru", "yandex.com", "proton.me", "protonmail.com", "zoho.com", "fastmail.com"),
        *("online.no", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "libero.it", "qq.com", "163.com"),
        *("126.com", "naver.com", "wixsite.com", "wordpress.com", "blogspot.com", "github.io", "weebly.com"),
        *("squarespace.com", "myshopify.com", "webflow.io", "jimdosite.com", "business.site", "sites.google.com"),
        *("facebook.com", "linkedin.com", "instagram.com", "twitter.com", "x.com", "youtube.com", "linktr.ee"),
    }
)


@dataclass(frozen=True, slots=True)
class Keys:
    """What one entity of ours can be recognised by; None where it has no such key (or an unreadable one)."""

    external_id: str
    domain: str | None
    linkedin: str | None
    name: str | None


def domain_key(text: object) -> str | None:
    """`https://www.Acme.no/about`  ->  `acme.no`; None for what holds no registrable domain."""
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        found = REGISTRY["domain"].python(text.strip())
    except FunctionError:
        return None
    return found.lower() if isinstance(found, str) and found else None


def name_key(text: object) -> str | None:
    """`  Acme   ASA `  ->  `acme asa`: case and spacing only; legal forms stay, for exactness is all this claims."""
    if not isinstance(text, str):
        return None
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return folded or None


def linkedin_key(text: object) -> str | None:
    """`https://www.linkedin.com/company/Acme/`  ->  `linkedin.com/company/acme`."""
    if not isinstance(text, str):
        return None
    bare = text.strip().lower().removeprefix("https://").removeprefix("http://").removeprefix("www.")
    bare = bare.partition("?")[0].rstrip("/")
    return bare or None
