"""Public facts about listed companies (name, domain, city, country), chosen for the example tenants."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

ISO = {
    "Norway": "NO",
    "Sweden": "SE",
    "Denmark": "DK",
    "Finland": "FI",
    "Germany": "DE",
    "France": "FR",
    "United States": "US",
    "United Kingdom": "GB",
    "Netherlands": "NL",
    "Spain": "ES",
    "Italy": "IT",
    "Switzerland": "CH",
    "Belgium": "BE",
    "Japan": "JP",
    "India": "IN",
    "Brazil": "BR",
    "Iceland": "IS",
    "Chile": "CL",
    "South Africa": "ZA",
    "Turkey": "TR",
}

# How many companies of each country a tenant's stream is about, beside those with letters outside ASCII.
SHARES = {
    "acme": {"Norway": 26, "Sweden": 28, "Denmark": 20, "Finland": 20, "Germany": 20, "France": 6, "United States": 6},
    "nordlys": {
        "United Kingdom": 25,
        "Netherlands": 14,
        "France": 18,
        "Spain": 14,
        "Italy": 16,
        "Switzerland": 12,
        "Belgium": 12,
    },
    "fjordbank": {
        "Japan": 26,
        "India": 22,
        "United States": 16,
        "Brazil": 16,
        "Iceland": 3,
        "Chile": 8,
        "South Africa": 14,
        "Turkey": 10,
    },
}

# Two companies that really have one domain, one pair in each tenant's part of the world.
SHARED_DOMAIN = {"acme": "ferratumgroup.com", "nordlys": "esso.fr", "fjordbank": "birla-sugar.com"}


@dataclass(frozen=True, slots=True)
class Fact:
    """What is publicly known of one company. `country` is ISO 3166-1 alpha-2."""

    name: str
    domain: str
    city: str
    country: str


def read_facts(folder: Path) -> list[Fact]:
    """Return the facts in `folder` (the data set's own folder), sorted."""
    with gzip.open(folder / "dev" / "listed_crm.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    found = {
        Fact(row["name"], row["full"]["domain"], row["full"]["city"], ISO[row["full"]["country"]])
        for row in rows
        if row["full"]["country"] in ISO and row["full"]["domain"] and row["full"]["city"]
    }
    return sorted(found, key=lambda fact: (fact.domain, fact.name))


def choose(facts: list[Fact], tenant: str) -> tuple[list[Fact], list[Fact]]:
    """Return a tenant's companies with a domain of their own, and the pair that shares one."""
    random = Random(f"companies of {tenant}")
    counts = Counter(fact.domain for fact in facts)
    single = [fact for fact in facts if counts[fact.domain] == 1 and _is_plain(fact)]
    chosen: list[Fact] = []
    for country, share in SHARES[tenant].items():
        there = [fact for fact in single if fact.country == ISO[country]]
        lettered = [fact for fact in there if not (fact.name + fact.city).isascii()]
        plain = [fact for fact in there if (fact.name + fact.city).isascii()]
        chosen += lettered[:4] + random.sample(plain, min(share, len(plain)))
    random.shuffle(chosen)
    pair = [fact for fact in facts if fact.domain == SHARED_DOMAIN[tenant]]
    return chosen, pair[:2]


def _is_plain(fact: Fact) -> bool:
    # Domains below the registrable one, and names that are share classes rather than companies, are left out.
    parts = fact.domain.split(".")
    endings = ("com", "net", "org", "co", "io", fact.country.lower(), "uk")
    return (
        fact.domain.isascii()
        and (len(parts) == 2 or (len(parts) == 3 and parts[1] in ("co", "com")))
        and parts[-1] in endings
        and 3 < len(fact.name) < 60
        and not any(mark in fact.name for mark in (" -,", "Fund", "ETF", "Index", "“"))
        and "“" not in fact.city
    )
