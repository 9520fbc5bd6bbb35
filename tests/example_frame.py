"""The part of a mapping that an example shows, put into a whole tenant: what `qmap explain` prints is run so.

An example holds fields of a route for HubSpot companies, whole blocks of a mapping, or both, fields first.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from queast_compiler.pipeline import check_tenant
from queast_dsl.diagnostics.model import Diagnostics, Finding
from queast_dsl.loading import load_connector, load_tenant

TODAY = date(2026, 6, 1)
FIXTURE = Path(__file__).parent / "golden" / "fixtures" / "hubspot"
BLOCKS = ("version", "description", "connection", "extends", "mode", "scope", "routes", "templates", "tables", "pii")
HEAD = {
    "version": "version: 1\n",
    "description": "description: An example\n",
    "connection": "connection: hubspot-main\n",
    "mode": "mode: live\n",
}
ROUTE = """\
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    fields:
"""
POLICY = """\
version: 1
informational_export:
  - {tenant: acme, approver: a@queast.example, reason: an example that needs it, expires: "2099-01-01"}
"""


def mapping_of(example: str) -> str:
    """Return the whole mapping that an example is a part of."""
    if "version:" in example:
        return example
    lines = example.splitlines()
    first = next((n for n, line in enumerate(lines) if line.partition(":")[0] in BLOCKS), len(lines))
    fields, blocks = lines[:first], lines[first:]
    given = {line.partition(":")[0] for line in blocks}
    head = "".join(text for name, text in HEAD.items() if name not in given)
    if "routes" not in given:
        named = [] if any(line.startswith("name:") for line in fields) else ["name: company.name"]
        head += ROUTE + "".join(f"      {line}\n" for line in [*named, *fields])
    return head + "\n".join(blocks) + "\n"


def findings_of(example: str) -> tuple[Finding, ...]:
    """Lint an example with every rule."""
    diagnostics = Diagnostics()
    sources = {path.relative_to(FIXTURE).as_posix(): path.read_bytes() for path in FIXTURE.rglob("*") if path.is_file()}
    own = {path: data for path, data in sources.items() if not path.endswith("main.yaml")}
    documents = load_tenant(
        Path("mappings"),
        "acme",
        diagnostics,
        sources={**own, "policy.yaml": POLICY.encode(), "acme/main.yaml": mapping_of(example).encode()},
    )
    check_tenant(
        documents, diagnostics, today=TODAY, connectors=lambda name: load_connector(name, diagnostics), rules=True
    )
    return diagnostics.findings
