"""What comes out of the pipeline: schemas, determinism, speed."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

import queast_schemas
from compiler.tenant_folder import COMPANIES, CONNECTIONS, EVENTS, TODAY, compile_folder, write_tenant
from queast_compiler.pipeline import check_tenant, compile_tenant
from queast_compiler.plan.codec import decode_connection, decode_mapping, encode
from queast_compiler.plan.directory import plan_set
from queast_compiler.plan.release import sign
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.render.text import render
from queast_dsl.loading import load_connector, load_tenant


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_tenant(tmp_path / "mappings", {"companies": COMPANIES, "events": EVENTS})
    return tmp_path / "mappings"


def validator(name: str) -> Draft202012Validator:
    registry: Registry[object] = Registry()
    for each in ("plan", "plan-connection"):
        registry = registry.with_resource(f"{each}.schema.json", Resource.from_contents(queast_schemas.load(each)))
    return Draft202012Validator(queast_schemas.load(name), registry=registry)


def test_plans_of_real_mappings_fit_their_schemas_and_read_back(root: Path) -> None:
    diagnostics = Diagnostics()
    compiled = compile_folder(root, diagnostics)
    assert render(diagnostics) == ""
    assert [plan.mapping for plan in compiled.mappings] == ["companies", "events"]
    assert [plan.connection for plan in compiled.connections] == ["hubspot-main", "warehouse"]
    for mapping in compiled.mappings:
        written = encode(mapping)
        assert [error.message for error in validator("plan").iter_errors(written)] == []
        assert decode_mapping(written) == mapping
    for connection in compiled.connections:
        written = encode(connection)
        assert [error.message for error in validator("plan-connection").iter_errors(written)] == []
        assert decode_connection(written) == connection


def test_the_payload_of_a_real_release_fits_its_schema(root: Path) -> None:
    compiled = compile_folder(root, Diagnostics())
    plans = plan_set(compiled.tenant, compiled.connections, compiled.mappings)
    created_at = datetime(2026, 6, 1, tzinfo=UTC)
    envelope = json.loads(sign(plans, sequence=1, created_at=created_at, key=Ed25519PrivateKey.generate()))
    payload = json.loads(base64.b64decode(envelope["payload"]))
    assert [error.message for error in validator("release").iter_errors(payload)] == []
    assert len(payload["plans"]) == 4
    assert not validator("release").is_valid(payload | {"sequence": 0})


def test_a_mapping_on_a_base_names_its_own_file_first_and_each_field_where_it_was_written(root: Path) -> None:
    own = "version: 1\nconnection: hubspot-main\nextends: base/hubspot@1\nroutes:\n  companies:\n    fields:\n"
    own += "      industry: {const: BANKING}\n      name: company.legal_name ?? company.name\n"
    (root / "acme" / "companies.yaml").write_text(own, encoding="utf-8")
    diagnostics = Diagnostics()
    plan = compile_folder(root, diagnostics).mappings[0]
    assert render(diagnostics) == ""
    assert [path for path, _ in plan.sources] == ["acme/companies.yaml", "base/hubspot.v1.yaml"]
    places = {field.property: field.file for field in plan.routes[0].fields}
    assert places["name"] == "acme/companies.yaml"
    assert places["city"] == "base/hubspot.v1.yaml"
    assert all(field.line > 0 for route in plan.routes for field in route.fields)


def test_a_plan_with_an_unknown_key_does_not_fit_the_schema(root: Path) -> None:
    compiled = compile_folder(root, Diagnostics())
    written = encode(compiled.mappings[0])
    written["routes"][0]["fields"][0]["expr"]["stray"] = 1
    assert not validator("plan").is_valid(written)


@pytest.mark.parametrize("elsewhere", ["mappings", "checkout/deep/mappings"])
def test_plans_are_the_same_bytes_under_every_hash_seed_and_in_every_folder(root: Path, elsewhere: str) -> None:
    """D6.5 compilation is deterministic to the byte, whichever process, folder and hash seed."""
    other = root.parent / "copy" / elsewhere
    shutil.copytree(root, other)
    outputs = set()
    for seed, folder in (("0", root), ("1", other), ("4242", root)):
        environment = os.environ | {"PYTHONHASHSEED": seed, "QMAP_TEST_ROOT": str(folder)}
        found = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("tenant_folder.py"))],
            env=environment,
            check=True,
            capture_output=True,
        )
        outputs.add(found.stdout)
    assert len(outputs) == 1
    assert b'"mapping":"companies"' in outputs.pop()


def test_a_mapping_with_errors_yields_no_plan_and_leaves_the_others_alone(root: Path) -> None:
    (root / "acme" / "companies.yaml").write_text(COMPANIES.replace("company.city", "company.cty"), encoding="utf-8")
    diagnostics = Diagnostics()
    compiled = compile_folder(root, diagnostics)
    assert [plan.mapping for plan in compiled.mappings] == ["events"]
    assert len(diagnostics) == 1


def test_a_connection_with_errors_yields_neither_its_plan_nor_those_of_its_mappings(root: Path) -> None:
    broken = CONNECTIONS.replace("    time_zone: Europe/Oslo\n", "")
    (root / "acme" / "connections.yaml").write_text(broken, encoding="utf-8")
    diagnostics = Diagnostics()
    compiled = compile_folder(root, diagnostics)
    assert [plan.connection for plan in compiled.connections] == ["warehouse"]
    assert [plan.mapping for plan in compiled.mappings] == ["events"]
    assert [finding.code for finding in diagnostics] == ["QM612"]


def test_a_refused_account_file_is_one_finding(root: Path) -> None:
    (root / "acme" / "accounts" / "hubspot-main.json").write_text("{", encoding="utf-8")
    diagnostics = Diagnostics()
    compiled = compile_folder(root, diagnostics)
    assert [plan.mapping for plan in compiled.mappings] == ["events"]
    assert len(diagnostics) == 1


def test_refused_connections_are_not_reported_again_by_each_mapping(root: Path) -> None:
    (root / "acme" / "connections.yaml").write_text("version: 2\nconnections: {}\n", encoding="utf-8")
    diagnostics = Diagnostics()
    compiled = compile_folder(root, diagnostics)
    assert compiled.mappings == ()
    assert len(diagnostics) == 1


def test_checking_finds_what_compiling_finds(root: Path) -> None:
    (root / "acme" / "companies.yaml").write_text(COMPANIES.replace("company.city", "company.cty"), encoding="utf-8")
    compiled, checked = Diagnostics(), Diagnostics()
    documents = load_tenant(root, "acme", Diagnostics())

    compile_tenant(documents, compiled, today=TODAY, connectors=lambda name: load_connector(name, compiled))
    check_tenant(documents, checked, today=TODAY, connectors=lambda name: load_connector(name, checked))
    assert compiled.findings == checked.findings
    assert len(checked) == 1


def test_one_mapping_compiles_within_twenty_milliseconds_once_started(root: Path) -> None:
    (root / "acme" / "events.yaml").unlink()
    manifests = {name: load_connector(name, Diagnostics()) for name in ("hubspot", "webhook")}
    documents = load_tenant(root, "acme", Diagnostics())
    spent = []
    for _ in range(5):
        began = time.process_time()
        compile_tenant(documents, Diagnostics(), today=TODAY, connectors=manifests.__getitem__)
        spent.append(time.process_time() - began)
    assert min(spent) <= 0.020, f"{min(spent) * 1000:.1f} ms"
