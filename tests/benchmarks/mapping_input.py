"""What the mapping benchmark runs: a mapping of 12 fields compiled from YAML, signed and loaded, and events."""

from __future__ import annotations

import json
import random
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from queast_compiler.codegen import LoadedRoute
from queast_compiler.pipeline import compile_tenant
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.directory import plan_set
from queast_compiler.plan.mapping import MappingPlan
from queast_compiler.plan.release import sign
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import load_connector, load_tenant
from queast_runtime.security.keys import development_key, trusted_keys
from queast_runtime.security.releases import load_release, write_release

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
EVENTS = 400
INDUSTRIES = {
    "banking": "BANKING",
    "construction": "CONSTRUCTION",
    "energy": "OIL_ENERGY",
    "logistics": "LOGISTICS_AND_SUPPLY_CHAIN",
    "software": "COMPUTER_SOFTWARE",
}
DESCRIPTION_LENGTH = 65_536


CONNECTIONS = """
version: 1
connections:
  hubspot-main:
    connector: hubspot
    account: "1"
    time_zone: UTC
    edition: professional
    auth: {token: secret://hubspot-main}
"""
MAPPING = """
version: 1
description: Twelve fields of a company, as a tenant admin writes them
connection: hubspot-main
mode: live

routes:
  companies:
    entity: company
    events: [updated]
    to: companies
    write: always
    fields:
      name: company.name
      domain: company.domain ?? (company.website_url | domain)
      website: company.website_url
      city:
        from: company.address.city
        on_null: clear
      country: company.country
      industry: company.industry | lookup(industries, else = null)
      numberofemployees: company.employee_count
      company_size: if(company.employee_count >= 250, 'enterprise', 'smb')
      annualrevenue: company.revenue
      founded: company.founded_on
      description: company.description
      queast_updated_at: company.updated_at

tables:
  industries:
"""
_PROPERTIES = {
    "name": "string",
    "domain": "string",
    "website": "string",
    "city": "string",
    "country": "string",
    "industry": "enumeration",
    "numberofemployees": "integer",
    "company_size": "string",
    "annualrevenue": "number",
    "founded": "date",
    "description": "text",
    "queast_updated_at": "datetime",
    "queast_company_id": "string",
}


def sources() -> dict[str, bytes]:
    """Return the tenant's files: a connection to HubSpot, its account, the mapping."""
    rows = "".join(f"    {name}: {value}\n" for name, value in INDUSTRIES.items())
    properties = {
        name: {
            "label": name,
            "type": type_,
            "required": False,
            "read_only": False,
            "max_length": DESCRIPTION_LENGTH if name == "description" else None,
            "options": [{"value": value, "label": value} for value in INDUSTRIES.values()]
            if name == "industry"
            else [],
        }
        for name, type_ in _PROPERTIES.items()
    }
    account = {
        "version": 1,
        "connector": "hubspot",
        "account": "1",
        "pulled_at": "2026-01-31T12:00:00Z",
        "objects": {"companies": {"properties": properties}},
        "owners": [],
    }
    return {
        "policy.yaml": b"version: 1\npersonal_data: {free_text_to: [company, note]}\n",
        "bench/connections.yaml": CONNECTIONS.encode(),
        "bench/bench-hubspot.yaml": (MAPPING + rows).encode(),
        "bench/accounts/hubspot-main.json": json.dumps(account).encode(),
    }


def plans() -> tuple[ConnectionPlan, MappingPlan]:
    """Compile the tenant's files as `qmap compile` does. Raises AssertionError with the findings if there are any."""
    diagnostics = Diagnostics()
    documents = load_tenant(Path("mappings"), "bench", diagnostics, sources=sources())
    compiled = compile_tenant(
        documents, diagnostics, today=NOW.date(), connectors=lambda name: load_connector(name, diagnostics)
    )
    assert not diagnostics.findings, diagnostics.findings
    return compiled.connections[0], compiled.mappings[0]


def loaded_route() -> LoadedRoute:
    """Publish the plans to a folder of its own and return what a worker loads from there."""
    connection, mapping = plans()
    content = plan_set("bench", [connection], [mapping])
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        write_release(state, sign(content, sequence=1, created_at=NOW, key=development_key(state)), content)
        release = load_release(state, "bench", trusted=trusted_keys(state), last_sequence=0)
    return release.mappings[0].routes[0]


def events(seed: int = 20260131) -> list[dict[str, Any]]:
    """Return the `data` of events of about 1.5 KB each as they arrive; one in fifty holds a value of a wrong kind."""
    chance = random.Random(seed)
    return [{"company": _company(chance, n)} for n in range(EVENTS)]


def _company(chance: random.Random, n: int) -> dict[str, Any]:
    company: dict[str, Any] = {
        "id": f"c_{n:08}",
        "sequence": n + 1,
        "name": f"Nordic Example {n} AS",
        "legal_name": f"Nordic Example {n} AS",
        "organization_number": f"{900_000_000 + n}",
        "domain": f"example{n}.no",
        "website_url": f"https://www.example{n}.co.uk/about?ref={n}",
        "linkedin_url": f"https://www.linkedin.com/company/example-{n}",
        "phone": f"+4722{n:06}",
        "country": chance.choice(["NO", "SE", "DK", "FI"]),
        "city": "Oslo",
        "address": {"street": f"Storgata {n}", "postal_code": "0155", "city": "Oslo", "country": "NO"},
        "industry": chance.choice([*INDUSTRIES, "media"]),
        "employee_count": chance.randrange(1, 5000),
        "revenue": chance.choice([chance.randrange(10**8), round(chance.random() * 1e8, 2)]),
        "revenue_currency": "NOK",
        "founded_on": f"{chance.randrange(1900, 2025)}-0{chance.randrange(1, 10)}-1{chance.randrange(10)}",
        "description": "Makes and sells things that other companies need. " * chance.randrange(6, 20),
        "technologies": ["python", "postgresql", "kubernetes", "terraform"][: chance.randrange(5)],
        "created_at": "2025-06-01T08:00:00Z",
        "updated_at": f"2026-01-{chance.randrange(10, 29)}T10:{chance.randrange(10, 60)}:00Z",
        "do_not_export": False,
    }
    for name in ("website_url", "industry", "revenue", "founded_on", "address", "description"):
        if chance.random() < 0.08:
            company[name] = None
    if chance.random() < 0.15:
        del company["domain"]
    if n % 50 == 7:
        name = chance.choice(["revenue", "founded_on", "updated_at", "employee_count", "country", "domain"])
        company[name] = chance.choice([True, ["x"], {"x": 1}])
    return company
