"""Which domains say whose record it is, and how far two names of one domain may differ."""

from __future__ import annotations

import pytest

from queast_runtime.matching import shared_domains
from queast_runtime.matching.apart import compare_names
from queast_runtime.matching.companies import read_company
from queast_runtime.matching.keys import domain_key, linkedin_key, whose_page
from queast_runtime.matching.shared_domains import is_shared


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://sites.google.com/view/perkafe", "sites.google.com"),
        ("https://www.perkafe.odoo.com/shop", "perkafe.odoo.com"),
        ("perkafe.github.io", "perkafe.github.io"),
        ("perkafe.wixsite.com/home", "perkafe.wixsite.com"),
        ("https://perkafe.myshopify.com", "perkafe.myshopify.com"),
        ("perkafe.blogspot.com", "perkafe.blogspot.com"),
        ("https://nb-no.facebook.com/perkafe", "facebook.com"),
        ("https://linktr.ee/perkafe", "linktr.ee"),
        ("https://bit.ly/3abc", "bit.ly"),
        ("https://www.xing.com/pages/perkafe", "xing.com"),
        ("https://www.proff.no/selskap/perkafe", "proff.no"),
        ("yahoo.co.uk", "yahoo.co.uk"),
        ("hotmail.fr", "hotmail.fr"),
        ("live.no", "live.no"),
        ("gmail.com", "gmail.com"),
        ("wordpress.com", "wordpress.com"),
    ],
)
def test_an_address_where_anybody_may_have_one_is_shared(address: str, key: str) -> None:
    assert domain_key(address) == key
    assert is_shared(key)


@pytest.mark.parametrize(
    "address", ["google.com", "https://cloud.google.com/about", "acme.uk.com", "acme.co.no", "mailchimp.no", "acme.com"]
)
def test_a_domain_of_ones_own_is_not_shared(address: str) -> None:
    key = domain_key(address)
    assert key is not None
    assert not is_shared(key)


def test_a_page_whose_host_a_mapping_took_away_is_still_nobody_elses_domain() -> None:
    assert whose_page("google.com", None, "https://sites.google.com/view/perkafe") == "sites.google.com"
    assert whose_page("google.com", None, "https://www.google.com") == "google.com"
    assert whose_page("acme.no", "acme.no", "https://acme.odoo.com") == "acme.no"
    assert whose_page(None, "acme.no") is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("https://no.linkedin.com/company/Acme-AS/about/?trk=1", "linkedin.com/company/acme-as"),
        ("www.linkedin.com/school/ntnu", "linkedin.com/school/ntnu"),
        ("linkedin.com/in/kari", "linkedin.com/in/kari"),
        ("https://www.linkedin.com/showcase/acme/", "linkedin.com/showcase/acme"),
        ("https://www.linkedin.com/company/", None),
        ("https://www.linkedin.com/company", None),
        ("https://www.linkedin.com", None),
        ("https://www.linkedin.com/company/-", None),
        ("https://www.linkedin.com/company/unavailable/", None),
        ("https://www.linkedin.com/feed/", None),
        ("https://evil-linkedin.com/company/acme", None),
        ("n/a", None),
        (7, None),
    ],
)
def test_only_the_address_of_a_page_is_a_profile(text: object, key: str | None) -> None:
    assert linkedin_key(text) == key


@pytest.mark.parametrize(
    ("ours", "theirs", "domain", "verdict"),
    [
        ("Solvik Maskin AS", "Solvik", "solvik.no", "agrees"),
        ("Fjord Bank", "FjordBank ASA", "fjordbank.no", "agrees"),
        ("International Business Machines", "IBM", "ibm.com", "agrees"),
        ("Sollvik", "Solvik Maskin", "solvik.no", "agrees"),
        ("Den Norske Bank", "DnB Holding", "dnb.no", "agrees"),
        ("Solvik Maskin", "", "solvik.no", "unknown"),
        ("Per sin Kafe", "Google LLC", "google.com", "differs"),
        ("Solvik Maskin", "Blue Kraft", "solvik.no", "differs"),
        ("Baker Street Cakes", "Smith Plumbing", "cakes.co.uk", "differs"),
    ],
)
def test_names_of_one_domain_are_apart_where_nothing_connects_them(
    ours: str, theirs: str, domain: str, verdict: str
) -> None:
    sides = (read_company(ours, domain=domain), read_company(theirs, domain=domain))
    assert compare_names(*sides).verdict == verdict
    assert compare_names(*reversed(sides)).verdict == verdict


@pytest.mark.parametrize("page", sorted(shared_domains._PAGES))
def test_a_page_below_a_companys_domain_is_looked_for(page: str) -> None:
    registrable = ".".join(page.split(".")[-2:])
    assert shared_domains.has_pages(registrable)
    assert domain_key(f"https://www.{page}/view/x") == domain_key(page) == page
    assert whose_page(registrable, f"https://{page}/view/x") == page
