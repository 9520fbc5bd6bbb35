"""The example tenants' files agree with the doubles that stand for their accounts, and hold no secret."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from examples.generate import MAPPINGS
from queast_runtime.sandbox.account import hubspot_account, pipedrive_account
from queast_runtime.sandbox.server import Sandbox, running
from queast_runtime.sandbox.settings import SandboxSettings, example_seats


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_account_files_are_what_the_doubles_hold() -> None:
    assert read(MAPPINGS / "acme" / "accounts" / "hubspot-main.json") == hubspot_account("24512345")
    assert read(MAPPINGS / "nordlys" / "accounts" / "pipedrive-main.json") == pipedrive_account("7712345")


def test_our_own_id_is_provisioned_in_both_accounts() -> None:
    companies = hubspot_account("24512345")["objects"]["companies"]["properties"]
    organizations = pipedrive_account("7712345")["objects"]["organizations"]["properties"]
    assert companies["queast_company_id"]["type"] == "string"
    keys = [key for key, entry in organizations.items() if entry["label"] == "queast_company_id"]
    assert len(keys) == 1
    assert re.fullmatch(r"[0-9a-f]{40}", keys[0])


def started() -> tuple[Sandbox, dict[str, Any]]:
    settings = SandboxSettings(seats=example_seats(MAPPINGS))
    with running(settings) as (sandbox, _):
        return sandbox, sandbox.snapshot()


def test_hubspot_holds_records_to_match_before_anything_is_sent() -> None:
    rows = [row["properties"] for row in started()[1]["hubspot"]["companies"].values()]
    domains = Counter(row["domain"] for row in rows if "domain" in row)
    assert sum(1 for count in domains.values() if count == 1) >= 10
    assert sum(1 for count in domains.values() if count == 2) == 3
    assert sum(1 for row in rows if "website" in row and "domain" not in row) == 5
    assert sum(1 for row in rows if "queast_company_id" in row) == 2
    assert len(rows) > 100  # more than one page


def test_pipedrive_holds_records_to_match_before_anything_is_sent() -> None:
    rows = list(started()[1]["pipedrive"]["organizations"].values())
    key = next(
        key
        for key, entry in pipedrive_account("7712345")["objects"]["organizations"]["properties"].items()
        if entry["label"] == "queast_company_id"
    )
    assert sum(1 for row in rows if row["website"]) >= 16
    assert sum(1 for row in rows if row["custom_fields"][key]) == 2
    assert len(rows) > 100  # more than one page


@pytest.mark.parametrize("path", sorted(MAPPINGS.rglob("*.yaml")), ids=lambda path: path.name)
def test_no_yaml_file_holds_a_secret(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"whsec_[A-Za-z0-9+/=]{8}|pat-[a-z0-9]|sk_[a-z]", text)
    for line in text.splitlines():
        if "token:" in line or "signing_secret:" in line:
            assert "secret://" in line
