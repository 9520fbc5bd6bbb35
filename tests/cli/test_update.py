"""`qmap update` and qmap.lock: what of Queast's a tenant rests on, seen when it changes and not before."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import queast_dsl
from example_run import environment, qmap
from kill_harness import ROOT

LOCK = Path("mappings/acme/qmap.lock")
POLICY = Path("mappings/policy.yaml")
GRANT = """
event_samples:
  - {tenant: acme, approver: ola@queast.example, reason: support, expires: "2099-01-31"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example tenants, none of which has a lock file."""
    shutil.copytree(ROOT / "mappings", tmp_path / "mappings")
    for lock in tmp_path.glob("mappings/*/qmap.lock"):
        lock.unlink()
    return tmp_path


def run(folder: Path, *arguments: str, more: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    done = qmap(*arguments, env=environment(folder / "state", more), cwd=folder)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def edit(path: Path, change: Callable[[Any], None]) -> None:
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    path.write_text(json.dumps(value), encoding="utf-8")


def test_the_lock_files_of_the_examples_are_those_of_today() -> None:
    assert qmap("update", "--check", env=environment(ROOT), cwd=ROOT).returncode == 0


def test_check_writes_nothing_and_update_writes_what_lint_then_holds_to(folder: Path) -> None:
    assert run(folder, "update", "--check", "mappings/acme")[:2] == (
        1,
        f"{LOCK}\n  base/hubspot@1: new\n  connector hubspot: new\n  the platform's policy: new\n",
    )
    assert not (folder / LOCK).exists()
    assert run(folder, "update", "mappings/acme")[0] == 0
    written = (folder / LOCK).read_bytes()
    assert set(json.loads(written)) == {"version", "bases", "connectors", "policy"}
    assert run(folder, "update", "mappings/acme")[2] == "1 tenant read: 0 files written\n"
    assert (folder / LOCK).read_bytes() == written
    assert run(folder, "lint")[0] == 0
    assert not (folder / "mappings/nordlys/qmap.lock").exists()


def test_another_base_stops_what_compiles_until_it_is_written_down(folder: Path) -> None:
    assert run(folder, "update")[0] == 0
    edit(folder / LOCK, lambda value: value["bases"].update({"base/hubspot@1": "sha256:" + "0" * 64}))
    code, printed, _ = run(folder, "lint")
    assert (code, printed.count("QM710")) == (1, 1)
    assert f"{LOCK}:1:" in printed
    assert run(folder, "compile", "-o", "plans")[0] == 1
    assert not (folder / "plans").exists()
    # Who looks at what the other base does is not held up by it.
    assert run(folder, "test", "mappings/acme")[0] == 0
    assert run(folder, "diff", "mappings/acme")[0] in (0, 3, 4)
    assert "  base/hubspot@1: changed\n" in run(folder, "update")[1]
    assert run(folder, "compile", "-o", "plans")[0] == 0


def test_a_connector_that_is_used_for_the_first_time_is_missed_in_the_file(folder: Path) -> None:
    assert run(folder, "update")[0] == 0
    edit(folder / LOCK, lambda value: value["connectors"].clear())
    assert "connector hubspot (not in it)" in run(folder, "lint", "mappings/acme")[1]


def test_what_is_no_longer_used_is_no_finding_and_leaves_with_the_next_update(folder: Path) -> None:
    assert run(folder, "update")[0] == 0
    edit(folder / LOCK, lambda value: value["connectors"].update({"pipedrive": "sha256:" + "0" * 64}))
    assert run(folder, "lint")[0] == 0
    assert run(folder, "update", "--check")[:2] == (1, f"{LOCK}\n  connector pipedrive: gone\n")


@pytest.mark.parametrize(
    ("before", "after", "is_other"),
    [
        ("version: 1\n", "version: 1\n# only a comment\n\n", False),
        ("tenant: fjordbank", "tenant: nordlys", False),
        ("\nmatching:", f"{GRANT}\nmatching:", True),
        ("auto_link: {min: 0.85}", "auto_link: {min: 0.86}", True),
    ],
)
def test_the_policy_counts_as_it_speaks_of_the_tenant(folder: Path, before: str, after: str, is_other: bool) -> None:
    assert run(folder, "update", "mappings/acme")[0] == 0
    text = (folder / POLICY).read_text(encoding="utf-8")
    assert before in text
    (folder / POLICY).write_text(text.replace(before, after, 1), encoding="utf-8")
    code, printed, _ = run(folder, "lint", "mappings/acme")
    assert (code, "the platform's policy" in printed) == ((1, True) if is_other else (0, False))


def test_without_a_policy_at_hand_its_digest_stays(folder: Path) -> None:
    assert run(folder, "update", "mappings/nordlys")[0] == 0
    lock = folder / "mappings/nordlys/qmap.lock"
    written = lock.read_bytes()
    (folder / POLICY).unlink()
    run(folder, "update", "mappings/nordlys")
    assert lock.read_bytes() == written


def test_publishing_under_the_platforms_policy_is_not_held_to_the_copy(folder: Path) -> None:
    accepted = ("--accept", "PRIVACY,IDENTITY", "--reason", "first")
    assert run(folder, "compile", "mappings/acme", "-o", "plans")[0] == 0
    code, printed, said = run(folder, "publish", "plans", *accepted)
    assert code == 0, (printed, said)
    assert run(folder, "update", "mappings/acme")[0] == 0
    edit(folder / LOCK, lambda value: value.update(policy="sha256:" + "0" * 64))
    assert run(folder, "compile", "mappings/acme", "-o", "others")[0] == 1
    code, printed, said = run(folder, "publish", "plans")
    assert code == 0, (printed, said)
    edit(folder / LOCK, lambda value: value["bases"].update({"base/hubspot@1": "sha256:" + "0" * 64}))
    code, printed, said = run(folder, "publish", "plans")
    assert (code, "QM710" in printed) == (1, True)


def test_a_file_that_cannot_be_read_is_told_and_mended(folder: Path) -> None:
    (folder / LOCK).write_text('{"version": 1', encoding="utf-8")
    code, printed, _ = run(folder, "lint", "mappings/acme")
    assert (code, printed.count("QM022"), "qmap update" in printed) == (1, 1, True)
    assert run(folder, "update", "mappings/acme")[0] == 0
    assert run(folder, "lint", "mappings/acme")[0] == 0


def test_a_mapping_with_errors_leaves_all_files_as_they_were(folder: Path) -> None:
    mapping = folder / "mappings/nordlys/nordlys-pipedrive.yaml"
    mapping.write_text(mapping.read_text(encoding="utf-8").replace("company.name", "company.nmae", 1), encoding="utf-8")
    code, printed, _ = run(folder, "update")
    assert code == 1
    assert "QM211" in printed
    assert list(folder.glob("mappings/*/qmap.lock")) == []


def test_a_link_is_left_alone(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_text("kept", encoding="utf-8")
    (folder / LOCK).symlink_to(target)
    assert run(folder, "update", "mappings/acme")[0] == 6
    assert target.read_text(encoding="utf-8") == "kept"


def test_an_upgrade_of_a_manifest_is_seen(folder: Path) -> None:
    """The manifest of an operator's own connector is edited between two runs."""
    own = folder / "connectors"
    own.mkdir()
    text = (Path(queast_dsl.__file__).parent / "connectors/webhook.yaml").read_text(encoding="utf-8")
    (own / "hooks.yaml").write_text(text.replace("connector: webhook", "connector: hooks"), encoding="utf-8")
    connections = folder / "mappings/fjordbank/connections.yaml"
    told = connections.read_text(encoding="utf-8").replace("connector: webhook", "connector: hooks")
    connections.write_text(told, encoding="utf-8")
    more = {"QMAP_CONNECTORS": str(own)}
    assert "connector hooks: new" in run(folder, "update", "mappings/fjordbank", more=more)[1]
    with (own / "hooks.yaml").open("a", encoding="utf-8") as file:
        file.write("# a new edition\n")
    assert "connector hooks" in run(folder, "lint", "mappings/fjordbank", more=more)[1]
    found = json.loads(run(folder, "update", "mappings/fjordbank", "--format", "json", more=more)[1])
    assert found["tenants"]["fjordbank"]["changes"] == [{"what": "connector hooks", "change": "changed"}]
