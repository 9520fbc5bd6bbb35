"""The exact keys that records are compared by, normalised alike on both sides."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from queast_dsl.functions import REGISTRY, FunctionError
from queast_runtime.matching.shared_domains import has_pages, page_host

# A page of a company, school or person; the rest of LinkedIn is nobody's profile.
_PROFILE: Final = re.compile(r"(?:https?://)?(?:[a-z0-9-]+\.)*linkedin\.com/(company|school|showcase|in)/([^/?#\s]+)")
# What stands where no page was chosen, or where a page is gone.
_NO_PROFILE: Final = frozenset(
    {"unavailable", "undefined", "null", "none", "company", "login", "setup", "your-company"}
)


@dataclass(frozen=True, slots=True)
class Keys:
    """What one entity of ours can be recognised by; None where it has no such key (or an unreadable one)."""

    external_id: str
    domain: str | None
    linkedin: str | None
    name: str | None


def domain_key(text: object) -> str | None:
    """`https://www.Acme.no/about`  ->  `acme.no`; None for what holds no registrable domain.

    Where a host belongs to somebody else than the domain above it, the host is the key: `sites.google.com/view/x` is
    not Google's.
    """
    return _domain_key(text.strip()) if isinstance(text, str) else None


# One event asks several times for the keys of the same few addresses.
@lru_cache(maxsize=64)
def _domain_key(text: str) -> str | None:
    found = _called("domain", text)
    if found is None or not has_pages(found):
        return found
    host = _called("url_host", text)
    return found if host is None else page_host(host, found) or found


def whose_page(domain: str | None, *said: object) -> str | None:
    """Return the key of the address in `said` that `domain` was reduced from, where that is a page on a host of
    somebody else: a mapping that wrote `domain(company.website_url)` has lost the host."""
    if domain is None or not has_pages(domain):
        return domain
    for each in said:
        key = domain_key(each)
        if key is not None and key != domain and _called("domain", key) == domain:
            return key
    return domain


# One address is asked about many times: of our entity, of each record that has it, before and after a write.
@lru_cache(maxsize=16_384)
def _called(function: str, text: str) -> str | None:
    try:
        found = REGISTRY[function].python(text)
    except FunctionError:
        return None
    return found if isinstance(found, str) and found else None


def name_key(text: object) -> str | None:
    """`  Acme   ASA `  ->  `acme asa`: case and spacing only; legal forms stay, for exactness is all this claims."""
    if not isinstance(text, str):
        return None
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return folded or None


def email_key(text: object) -> str | None:
    """`" Kari@Acme.NO "`  ->  `kari@acme.no`; None for what is no address of one mailbox."""
    if not isinstance(text, str):
        return None
    bare = unicodedata.normalize("NFKC", text).strip().casefold()
    local, at, host = bare.rpartition("@")
    if (
        not at
        or not local
        or any(each.isspace() or each in '<>,;"' for each in local)
        or _called("url_host", host) is None
    ):
        return None
    return bare


def linkedin_key(text: object) -> str | None:
    """`https://no.linkedin.com/company/Acme/about`  ->  `linkedin.com/company/acme`; None for an address that names no
    page, such as `linkedin.com/company/`."""
    found = _PROFILE.match(text.strip().lower()) if isinstance(text, str) else None
    if found is None or found[2] in _NO_PROFILE or not any(each.isalnum() for each in found[2]):
        return None
    return f"linkedin.com/{found[1]}/{found[2]}"
