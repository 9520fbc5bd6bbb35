"""A tenant's folder: what is sound is loaded, what is not is reported and left out."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import load_tenant, tenants

from .documents import CONNECTIONS, MAPPING, load, place, pointed_at

ACCOUNT = {
    "version": 1,
    "connector": "hubspot",
    "account": "24512345",
    "pulled_at": "2026-11-20T08:00:00Z",
    "objects": {"companies": {"properties": {"name": {"label": "Name", "type": "string", "max_length": 255}}}},
    "owners": [{"id": "77", "email": "anna@acme.example"}],
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "mappings"
    (folder / "acme" / "accounts").mkdir(parents=True)
    (folder / "acme" / "connections.yaml").write_text(CONNECTIONS, encoding="utf-8")
    (folder / "acme" / "main.yaml").write_text(MAPPING, encoding="utf-8")
    (folder / "acme" / "accounts" / "hubspot-main.json").write_text(json.dumps(ACCOUNT), encoding="utf-8")
    return folder


def test_tenants_are_the_folders_with_connections(root: Path) -> None:
    (root / "globex").mkdir()
    (root / "Not-A-Tenant").mkdir()
    (root / "Not-A-Tenant" / "connections.yaml").write_text(CONNECTIONS, encoding="utf-8")
    assert tenants(root) == ("acme",)
    assert tenants(root / "nowhere") == ()


def test_a_tenant_is_read_from_disk(root: Path) -> None:
    diagnostics = Diagnostics()
    documents = load_tenant(root, "acme", diagnostics)
    assert diagnostics.findings == ()
    assert [mapping.name for mapping in documents.mappings] == ["main"]
    assert documents.accounts["hubspot-main"].objects["companies"]["name"].max_length == 255
    assert documents.accounts["hubspot-main"].owners[0].email == "anna@acme.example"
    assert documents.policy is None


def test_paths_are_shown_as_the_root_was_given(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root.parent)
    documents = load_tenant(Path("mappings"), "acme", Diagnostics())
    assert documents.mappings[0].sources[0].path == "mappings/acme/main.yaml"


def test_a_broken_mapping_is_left_out_and_the_others_are_read(root: Path) -> None:
    (root / "acme" / "broken.yaml").write_text("version: 1\n  nonsense: [\n", encoding="utf-8")
    diagnostics = Diagnostics()
    documents = load_tenant(root, "acme", diagnostics)
    assert [mapping.name for mapping in documents.mappings] == ["main"]
    assert [finding.code for finding in diagnostics.findings] == ["QM010"]


@pytest.mark.parametrize("name", ["Main.yaml", "main-2.yml", "a--b.yaml"])
def test_a_file_name_that_cannot_name_a_mapping_is_refused(root: Path, name: str) -> None:
    (root / "acme" / name).write_text(MAPPING, encoding="utf-8")
    diagnostics = Diagnostics()
    load_tenant(root, "acme", diagnostics)
    assert [finding.code for finding in diagnostics.findings] == ["QM005"]


def test_links_and_pipes_are_not_read(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text(MAPPING, encoding="utf-8")
    (root / "acme" / "linked.yaml").symlink_to(outside)
    os.mkfifo(root / "acme" / "pipe.yaml")
    diagnostics = Diagnostics()
    documents = load_tenant(root, "acme", diagnostics)
    assert [mapping.name for mapping in documents.mappings] == ["main"]
    assert [finding.code for finding in diagnostics.findings] == ["QM004", "QM004"]


def test_a_tenant_without_connections_is_reported(root: Path) -> None:
    (root / "acme" / "connections.yaml").unlink()
    diagnostics = Diagnostics()
    documents = load_tenant(root, "acme", diagnostics)
    assert documents.connections == {}
    assert documents.refused == {"connections.yaml"}
    assert [finding.code for finding in diagnostics.findings] == ["QM004"]


def test_the_policy_is_read_and_checked() -> None:
    policy = (
        "version: 1\ninformational_export:\n  - tenant: acme\n    approver: ola\n    reason: pilot\n"
        "    expires: 2027-02-28\n"
    )
    documents, findings = load(policy_dot_yaml=policy)
    assert findings == ()
    assert documents.policy is not None
    assert documents.policy.informational_export[0].expires.value == "2027-02-28"
    documents, findings = load(policy_dot_yaml=policy.replace("02-28", "02-30"))
    assert [place(finding) for finding in findings] == [("QM104", 6, 14)]
    assert documents.policy is None
    assert documents.refused == {"policy.yaml"}


def test_the_tenant_comes_from_the_folder_and_never_from_a_file() -> None:
    """D5.1: a document that names a tenant is refused."""
    _, findings = load(MAPPING + "tenant: globex\n")
    assert [finding.code for finding in findings] == ["QM100"]


def test_an_account_of_another_portal_does_not_fit() -> None:
    account = json.dumps({**ACCOUNT, "account": "991"})
    documents, findings = load(**{"acme__accounts__hubspot-main_dot_json": account})
    assert [finding.code for finding in findings] == ["QM117"]
    assert pointed_at(findings[0]) == '"24512345"'
    assert documents.accounts == {}
    assert documents.refused == {"accounts/hubspot-main.json"}


def test_an_account_of_another_connector_is_told_where_the_connector_is_known() -> None:
    account = json.dumps({**ACCOUNT, "connector": "pipedrive"})
    _, findings = load(**{"acme__accounts__hubspot-main_dot_json": account})
    assert [finding.code for finding in findings] == ["QM117"]
    slip = CONNECTIONS.replace("connector: hubspot", "connector: hubspt")
    documents, findings = load(connections=slip, **{"acme__accounts__hubspot-main_dot_json": json.dumps(ACCOUNT)})
    assert findings == ()
    assert documents.refused == frozenset()


@pytest.mark.parametrize(
    ("old", "new", "code", "text"),
    [
        ('"type": "string"', '"type": "strng"', "QM103", '"strng"'),
        ('"max_length": 255', '"max_length": "255"', "QM102", '"255"'),
        ('"max_length": 255', f'"max_length": -{"9" * 400}', "QM106", f"-{'9' * 400}"),
        ('"max_length": 255', '"maxlength": 255', "QM100", "{"),
        ('"label": "Name", ', "", "QM101", "{"),
        ('"pulled_at": "2026', '"pulled_at": "26', "QM104", '"26-11-20T08:00:00Z"'),
        ('"email": "anna@acme.example"', '"email": "a"', "QM105", '"a"'),
        ('"version": 1,', '"version": 1, "version": 1,', "QM022", "{"),
        ('"version": 1,', '"version": NaN,', "QM022", "{"),
        ('"version": 1,', '"version": 1,,', "QM022", ","),
        ('"version": 1,', f'"version": {"[" * 100_000},', "QM022", "{"),
        ('"version": 1,', f'"version": {"9" * 5_000},', "QM022", "{"),
    ],
)
def test_a_wrong_account_file_is_reported_at_its_place(old: str, new: str, code: str, text: str) -> None:
    good = json.dumps(ACCOUNT)
    assert old in good
    documents, findings = load(**{"acme__accounts__hubspot-main_dot_json": good.replace(old, new)})
    assert [finding.code for finding in findings] == [code], findings
    assert pointed_at(findings[0]) == text
    assert documents.accounts == {}
