"""Account files for tests: properties by key, written as a tenant commits them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CONNECTIONS = """\
version: 1
connections:
  crm:
    connector: {connector}
    account: "1"
    time_zone: Europe/Oslo
    auth: {{token: secret://crm}}
    match: {{company: {{order: [link, domain], on_none: review}}}}
"""
OBJECT = {"hubspot": "companies", "pipedrive": "organizations"}


def prop(type: str = "string", label: str = "", **more: Any) -> dict[str, Any]:
    return {"label": label, "type": type, "required": False, "read_only": False, "options": [], **more}


def write_account(folder: Path, properties: Mapping[str, Any], connector: str = "hubspot") -> None:
    """Make `folder`/mappings with one tenant, `globex`, whose connection `crm` has these properties."""
    home = folder / "mappings/globex"
    (home / "accounts").mkdir(parents=True, exist_ok=True)
    (folder / "mappings/policy.yaml").write_text("version: 1\n")
    (home / "connections.yaml").write_text(CONNECTIONS.format(connector=connector))
    named = {name: {**each, "label": each["label"] or name} for name, each in properties.items()}
    account = {
        "version": 1,
        "connector": connector,
        "account": "1",
        "pulled_at": "2026-11-20T08:00:00Z",
        "objects": {OBJECT[connector]: {"properties": named}},
    }
    (home / "accounts/crm.json").write_text(json.dumps(account))
