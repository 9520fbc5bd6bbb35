"""Types come only from the schema files, account files and manifests: new ones reach the destination without Python."""

from __future__ import annotations

import json
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from endtoend.fourth_connector import CONNECTIONS, MANIFEST, MAPPING, ORIGIN, TOKEN, Ledger, account_file, serving
from example_run import JsonObject, environment, json_lines, qmap


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A folder with the schemas and one more company field, a fourth manifest, and a tenant that uses both."""
    schemas = tmp_path / "schemas"
    shutil.copytree(Path(str(files("queast_schemas"))), schemas, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    company = json.loads((schemas / "company.schema.json").read_text(encoding="utf-8"))
    company["properties"]["trust_rank"] = {
        "type": ["integer", "null"],
        "description": "A field that no code knows.",
        "x-pii": "public_business",
    }
    (schemas / "company.schema.json").write_text(json.dumps(company), encoding="utf-8")
    (tmp_path / "connectors").mkdir()
    (tmp_path / "connectors" / "ledger.yaml").write_text(MANIFEST, encoding="utf-8")
    tenant = tmp_path / "mappings" / "lofoten"
    (tenant / "accounts").mkdir(parents=True)
    (tenant / "connections.yaml").write_text(CONNECTIONS, encoding="utf-8")
    (tenant / "firms.yaml").write_text(MAPPING, encoding="utf-8")
    (tenant / "accounts" / "ledger-main.json").write_text(json.dumps(account_file()), encoding="utf-8")
    (tmp_path / "mappings" / "policy.yaml").write_text("version: 1\n", encoding="utf-8")
    return tmp_path


def env(world: Path, ledger: Ledger | None = None) -> dict[str, str]:
    more = {"QMAP_SCHEMAS": str(world / "schemas"), "QMAP_CONNECTORS": str(world / "connectors")}
    if ledger is not None:
        more["QMAP_SANDBOX_ORIGINS"] = f"{ORIGIN}={ledger.port}"
        more["QMAP_SECRET_LOFOTEN__LEDGER_MAIN"] = TOKEN
    return environment(world / "state", more)


def event(number: int, type: str, data: JsonObject) -> JsonObject:
    envelope = {"specversion": "1.0", "id": f"evt-{number}", "source": "queast", "type": f"queast.{type}"}
    return {**envelope, "time": "2026-02-01T08:00:00Z", "data": data}


def company(sequence: int, trust_rank: int) -> JsonObject:
    known = {"id": "c-1", "sequence": sequence, "name": "Havfisk AS", "domain": "havfisk.example"}
    return {**known, "trust_rank": trust_rank}


def signal() -> JsonObject:
    told = {"id": "s-1", "sequence": 1, "type": "award", "title": "Wins a prize", "strictness": "strict"}
    return {**told, "state": "active", "occurred_at": "2026-01-31T08:00:00Z", "company": company(2, 9)}


def test_a_new_field_property_and_connector_are_linted_compiled_published_and_delivered(world: Path) -> None:
    linted = qmap("lint", env=env(world), cwd=world)
    assert (linted.returncode, linted.stdout) == (0, ""), linted.stdout
    events = json_lines(
        world / "events.jsonl",
        [
            event(1, "company.created", {"company": company(1, 7)}),
            event(2, "company.updated", {"company": company(2, 9)}),
            event(3, "signal.created", {"signal": signal()}),
        ],
    )
    with serving() as ledger:
        # The mapping overwrites whatever stands in its properties, and somebody has to agree to that.
        publish = ["publish", "plans", "--accept", "FIELD", "--reason", "these records are ours alone"]
        for arguments in (["compile", "-o", "plans"], publish, ["run", "--tenant", "lofoten", events]):
            done = qmap(*arguments, env=env(world, ledger), cwd=world)
            assert done.returncode == 0, done.stderr
    assert list(ledger.firms.values()) == [
        {"id": "f1", "title": "Havfisk AS", "site": "havfisk.example", "grade_7": 9, "ref_9": "c-1"}
    ]
    (memo,) = ledger.memos.values()
    assert memo["firm"] == "f1"
    assert memo["text"].startswith("Wins a prize (ref q-")
    assert {credential for _, _, credential in ledger.requests} == {f"Bearer {TOKEN}"}
    assert {path for _, path, _ in ledger.requests} <= {"/v7/firms", "/v7/firms/f1", "/v7/memos"}


def test_a_misspelt_new_field_has_one_finding_with_its_place_and_the_near_name(world: Path) -> None:
    mapping = world / "mappings" / "lofoten" / "firms.yaml"
    mapping.write_text(MAPPING.replace("company.trust_rank", "company.trust_rnk"), encoding="utf-8")
    done = qmap("lint", "--format", "json", env=env(world), cwd=world)
    assert done.returncode == 1
    (finding,) = json.loads(done.stdout)["findings"]
    assert (finding["file"], finding["line"], finding["column"]) == ("mappings/lofoten/firms.yaml", 14, 22)
    assert "did you mean `company.trust_rank`?" in finding["help"]


def test_without_the_folder_the_connector_is_unknown_and_its_line_is_named(world: Path) -> None:
    known = {name: value for name, value in env(world).items() if name != "QMAP_CONNECTORS"}
    done = qmap("lint", env=known, cwd=world)
    assert done.returncode == 1
    assert "mappings/lofoten/connections.yaml:4:16" in done.stdout


def test_a_shipped_connector_cannot_be_replaced_from_the_folder(world: Path) -> None:
    (world / "connectors" / "hubspot.yaml").write_text("version: 1\nconnector: hubspot\n", encoding="utf-8")
    # Its lock file is of another policy than the one here.
    left_out = shutil.ignore_patterns("qmap.lock")
    shutil.copytree(Path(__file__).parents[2] / "mappings" / "acme", world / "mappings" / "acme", ignore=left_out)
    done = qmap("lint", "mappings/acme", env=env(world), cwd=world)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout


def test_a_connectors_folder_that_is_not_there_ends_with_exit_5(world: Path) -> None:
    done = qmap("lint", env={**env(world), "QMAP_CONNECTORS": str(world / "nowhere")}, cwd=world)
    assert done.returncode == 5
    assert done.stderr.startswith("qmap: QMAP_CONNECTORS: no such folder: ")
