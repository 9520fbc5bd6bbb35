"""Small tenants in a temporary folder."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

from queast_compiler.pipeline import CompiledTenant, compile_tenant
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.loading import load_connector, load_tenant

TODAY = date(2026, 6, 1)

CONNECTIONS = """\
version: 1
connections:
  hubspot-main:
    connector: hubspot
    account: "24512345"
    time_zone: Europe/Oslo
    auth: {token: secret://hubspot-main}
  warehouse:
    connector: webhook
    url: https://hooks.acme.example/queast
    account: warehouse
    auth: {signing_secret: secret://warehouse}
"""
INDUSTRIES = ("BANKING", "COMPUTER_SOFTWARE")
COMPANIES = """\
version: 1
connection: hubspot-main
mode: live
scope:
  where: company.country in ['NO', 'SE']
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    fields:
      name: company.name
      domain: company.domain ?? (company.website_url | domain)
      website: company.website_url
      phone: company.phone
      city: company.city
      country: company.country
      numberofemployees: company.employee_count
      annualrevenue: company.revenue
      linkedin_company_page: company.linkedin_url
      state: company.region
      zip: company.address.postal_code
      industry: company.industry | lookup(industries, else = null)
  signal-notes:
    entity: signal
    events: [created]
    to: notes
    when: signal.score >= 60
    attach_to: [company]
    fields:
      hs_timestamp: signal.occurred_at
      hs_note_body: {render: note}
templates:
  note: "<b>{{ signal.title }}</b>{% if signal.summary %}<p>{{ signal.summary }}</p>{% endif %}"
tables:
  industries: {software: COMPUTER_SOFTWARE, banking: BANKING}
"""
EVENTS = """\
version: 1
connection: warehouse
mode: live
routes:
  companies:
    entity: company
    events: [created, updated, deleted]
    to: event
  signals:
    entity: signal
    events: [created, cooled_off, suppressed]
    to: event
    body:
      id: signal.id
      company:
        name: company.name
    headers:
      X-Kind: {const: signal}
"""


def property_entry(label: str, type: str, options: tuple[str, ...] = ()) -> dict[str, object]:
    return {
        "label": label,
        "type": type,
        "required": False,
        "read_only": False,
        "max_length": None,
        "options": [{"value": value, "label": value.title()} for value in options],
    }


def account_file() -> dict[str, object]:
    companies = {
        "industry": property_entry("Industry", "enumeration", INDUSTRIES),
        "queast_company_id": property_entry("Queast company id", "string"),
    }
    return {
        "version": 1,
        "connector": "hubspot",
        "account": "24512345",
        "pulled_at": "2026-05-20T08:00:00Z",
        "objects": {"companies": {"properties": companies}},
        "owners": [],
    }


def write_tenant(root: Path, mappings: dict[str, str], *, account: dict[str, object] | None = None) -> None:
    """Write tenant `acme` with these mappings, by name, below `root`."""
    folder = root / "acme"
    (folder / "accounts").mkdir(parents=True, exist_ok=True)
    (root / "policy.yaml").write_text(
        "version: 1\npersonal_data: {without_grant: [business_contact, direct_identifier]}\n", encoding="utf-8"
    )
    (folder / "connections.yaml").write_text(CONNECTIONS, encoding="utf-8")
    (folder / "accounts" / "hubspot-main.json").write_text(json.dumps(account or account_file()), encoding="utf-8")
    for name, text in mappings.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def compile_folder(
    root: Path, diagnostics: Diagnostics, *, manifests: Path | None = None, rules: bool = False
) -> CompiledTenant:
    """Compile tenant `acme` below `root`; with `manifests` connectors come from there, with `rules` lint speaks."""
    documents = load_tenant(root, "acme", diagnostics)
    return compile_tenant(
        documents,
        diagnostics,
        today=TODAY,
        connectors=lambda name: load_connector(name, diagnostics, manifests),
        rules=rules,
    )


def main() -> None:
    """Print the digest of every plan of the folder in `QMAP_TEST_ROOT`: run in processes with different hash seeds."""
    from queast_compiler.plan.canonical import dumps
    from queast_compiler.plan.codec import encode

    diagnostics = Diagnostics()
    compiled = compile_folder(Path(os.environ["QMAP_TEST_ROOT"]), diagnostics)
    for plan in (*compiled.connections, *compiled.mappings):
        print(dumps(encode(plan)).decode())


if __name__ == "__main__":
    main()
