"""Short documents for the tests of loading, and what loading says about them."""

from __future__ import annotations

from pathlib import Path

from queast_dsl.diagnostics import Diagnostics, Finding
from queast_dsl.document.tenant import TenantDocuments
from queast_dsl.loading import load_tenant

CONNECTIONS = """\
version: 1
connections:
  hubspot-main:
    connector: hubspot
    account: "24512345"
    auth: {token: secret://hubspot-main}
"""

MAPPING = """\
version: 1
connection: hubspot-main
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    fields:
      name: company.name
"""


def load(
    mapping: str | bytes = MAPPING,
    *,
    connections: str = CONNECTIONS,
    base: Path | None = None,
    **more: str,
) -> tuple[TenantDocuments, tuple[Finding, ...]]:
    """Load one tenant `acme` from memory. `more` are further files, `__` standing for `/` and a dot for the last."""
    diagnostics = Diagnostics()
    data = mapping if isinstance(mapping, bytes) else mapping.encode()
    sources = {"acme/connections.yaml": connections.encode(), "acme/main.yaml": data}
    sources |= {name.replace("__", "/").replace("_dot_", "."): text.encode() for name, text in more.items()}
    documents = load_tenant(Path("mappings"), "acme", diagnostics, sources=sources, base_folder=base)
    return documents, diagnostics.findings


def with_field(line: str) -> str:
    """Return the mapping with `line` as its last field."""
    return f"{MAPPING}      {line}\n"


def place(finding: Finding) -> tuple[str, int, int]:
    """Return the code, line and column (from 1) of a finding."""
    assert finding.span is not None
    return finding.code, finding.span.line, finding.span.column


def pointed_at(finding: Finding) -> str:
    """Return the text under the caret."""
    assert finding.span is not None
    return finding.span.file.text[finding.span.start : finding.span.end]
