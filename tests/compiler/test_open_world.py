"""Types come from schema files, account files and manifests: new ones are understood without a change in Python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from compiler.tenant_folder import account_file, property_entry, write_tenant

MAPPING = """\
version: 1
connection: ledger-main
mode: live
routes:
  firms:
    entity: company
    events: [created, updated]
    to: firms
    write: always
    fields:
      title: company.name
      trust: company.trust_rank
      Grade: company.trust_rank
"""
CONNECTIONS = """\
version: 1
connections:
  ledger-main:
    connector: ledger
    account: "77"
    auth: {token: secret://ledger-main}
"""
PROGRAM = """\
import os
from pathlib import Path
from datetime import date
from queast_compiler.pipeline import compile_tenant
from queast_compiler.plan.canonical import dumps
from queast_compiler.plan.codec import encode
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.render.text import render
from queast_dsl.loading import load_connector, load_tenant
diagnostics = Diagnostics()
documents = load_tenant(Path(os.environ["ROOT"]), "acme", diagnostics)
manifests = Path(os.environ["MANIFESTS"])
compiled = compile_tenant(
    documents, diagnostics, today=date(2026, 6, 1), connectors=lambda n: load_connector(n, diagnostics, manifests)
)
print(render(diagnostics))
for plan in (*compiled.connections, *compiled.mappings):
    print(dumps(encode(plan)).decode())
"""


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A schemas folder with one more company field, a fourth manifest, and an account with a property of its own."""
    schemas = tmp_path / "schemas"
    shutil.copytree(Path(str(files("queast_schemas"))), schemas, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    company = json.loads((schemas / "company.schema.json").read_text(encoding="utf-8"))
    company["properties"]["trust_rank"] = {
        "type": ["integer", "null"],
        "description": "A field that no code knows.",
        "x-pii": "public_business",
    }
    (schemas / "company.schema.json").write_text(json.dumps(company), encoding="utf-8")
    manifests = tmp_path / "manifests"
    manifests.mkdir()
    shipped = files("queast_dsl").joinpath("connectors/pipedrive.yaml").read_text(encoding="utf-8")
    manifest = shipped.replace("connector: pipedrive", "connector: ledger").replace("organizations", "firms")
    manifest = manifest.replace(
        "      name: {type: string, required", "      trust: {type: integer}\n      title: {type: string, required"
    )
    manifest = manifest.replace("read: [name, website]", "read: [title, website]")
    manifest = manifest.replace("card: {name: name", "card: {name: title")
    (manifests / "ledger.yaml").write_text(manifest, encoding="utf-8")
    account = account_file() | {"connector": "ledger", "account": "77"}
    account["objects"] = {
        "firms": {
            "properties": {
                "ab12": property_entry("Grade", "integer"),
                "cd34": property_entry("queast_company_id", "string"),
            }
        }
    }
    root = tmp_path / "mappings"
    write_tenant(root, {"main": MAPPING})
    (root / "acme" / "connections.yaml").write_text(CONNECTIONS, encoding="utf-8")
    (root / "acme" / "accounts" / "hubspot-main.json").unlink()
    (root / "acme" / "accounts" / "ledger-main.json").write_text(json.dumps(account), encoding="utf-8")
    return tmp_path


def run(world: Path) -> str:
    """Compile in a process of its own, since schemas are read once a process."""
    environment = os.environ | {
        "QMAP_SCHEMAS": str(world / "schemas"),
        "ROOT": str(world / "mappings"),
        "MANIFESTS": str(world / "manifests"),
    }
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, check=False, capture_output=True, encoding="utf-8"
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


def test_a_new_field_property_and_manifest_compile(world: Path) -> None:
    findings, *plans = run(world).split("\n", 1)
    assert findings == ""
    connection, mapping = (json.loads(line) for line in plans[0].splitlines() if line)
    assert connection["connector"] == "ledger"
    assert connection["match"][0]["external_id"] == "cd34"
    fields = {field["property"]: field for field in mapping["routes"][0]["fields"]}
    assert sorted(fields) == ["ab12", "title", "trust"]
    assert fields["ab12"]["expr"]["steps"] == ["trust_rank"]


def test_a_misspelt_new_field_is_found_with_a_near_name(world: Path) -> None:
    path = world / "mappings" / "acme" / "main.yaml"
    path.write_text(MAPPING.replace("trust: company.trust_rank", "trust: company.trust_rnk"), encoding="utf-8")
    assert "did you mean `company.trust_rank`?" in run(world)


def test_text_into_a_new_number_property_is_refused(world: Path) -> None:
    path = world / "mappings" / "acme" / "main.yaml"
    path.write_text(MAPPING.replace("Grade: company.trust_rank", "Grade: company.name"), encoding="utf-8")
    assert "QM320 `Grade` holds a whole number, and this is text" in run(world)


def test_an_object_of_another_edition_is_refused(world: Path) -> None:
    path = world / "manifests" / "ledger.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  firms:\n", "  firms:\n    requires_edition: [enterprise]\n", 1), encoding="utf-8")
    assert "QM304 `firms` needs edition `enterprise`, and the connection declares no edition" in run(world)
