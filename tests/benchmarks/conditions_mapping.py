"""A mapping whose routes write one object each under a long condition, so that each is compared with all others."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.dense_mapping import CONNECTIONS

ROUTES = 100
TERMS = 20
HUBSPOT = """\
  hubspot-main:
    connector: hubspot
    account: "1"
    time_zone: UTC
    edition: professional
    auth: {token: secret://hubspot-main}
"""
ACCOUNT = """\
{"version": 1, "connector": "hubspot", "account": "1", "pulled_at": "2026-01-01T00:00:00Z", "owners": [],
 "objects": {"companies": {"properties": {
  "queast_company_id": {"label": "Queast id", "type": "string", "required": false, "read_only": false},
  "name": {"label": "Name", "type": "string", "required": false, "read_only": false},
  "city": {"label": "City", "type": "string", "required": false, "read_only": false}}}}}
"""
HEAD = "version: 1\nconnection: hubspot-main\nmode: live\nroutes:\n"
ROUTE = """\
  route-{n}:
    entity: company
    events: [created, updated]
    to: companies
    when: {when}
    fields:
      name: company.name
      city: {{const: City {n}}}
"""


def write_conditions(root: Path) -> int:
    """Write tenant `conditions` under `root`, no two routes of which ever meet; return how many pairs there are."""
    folder = root / "conditions"
    (folder / "accounts").mkdir(parents=True)
    (folder / "connections.yaml").write_text(CONNECTIONS + HUBSPOT, encoding="utf-8")
    (folder / "accounts" / "hubspot-main.json").write_text(ACCOUNT, encoding="utf-8")
    routes = "".join(ROUTE.format(n=n, when=_when(n)) for n in range(ROUTES))
    (folder / "everything.yaml").write_text(HEAD + routes, encoding="utf-8")
    return ROUTES * (ROUTES - 1) // 2


def _when(number: int) -> str:
    """2  ->  (company.employee_count == 2000 and company.revenue == 0) or …, numbers that no other route asks for."""
    terms = (number * 1000 + term for term in range(TERMS))
    return " or ".join(f"(company.employee_count == {n} and company.revenue == {n % 1000})" for n in terms)
