"""`qmap demo` does the whole job, counts what the destinations hold, and fails where it could not check."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from example_run import COMMAND, environment, qmap
from kill_harness import ROOT, TENANTS
from queast_runtime.cli.demo.locking import alone_in
from queast_runtime.cli.exits import CommandError

SPECS = os.environ.get("QMAP_VENDOR_SPECS")


def test_the_demo_delivers_everything_once_and_breaks_no_contract(tmp_path: Path) -> None:
    more = {"QMAP_DEMO_FORMAT": "json", **({"QMAP_VENDOR_SPECS": SPECS} if SPECS else {})}
    done = qmap("demo", env=environment(tmp_path, more), timeout=280)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    outcome = json.loads(done.stdout)
    wrong = ("lost", "duplicates", "unexpected", "contract_violations")
    assert {name: outcome[name] for name in wrong} == dict.fromkeys(wrong, 0)
    assert outcome["contract_checked_against"] == ("vendor-documents" if SPECS else "own-rules")
    assert outcome["contract_requests_checked"] > 500
    assert set(outcome["events"]) == set(TENANTS)
    for tenant, count in outcome["events"].items():
        lines = (ROOT / "mappings" / tenant / "events" / "stream.jsonl").read_text(encoding="utf-8").splitlines()
        assert count == len([line for line in lines if line.strip()])
        assert outcome["admitted"][tenant] + sum(outcome["refused"][tenant].values()) == count
    lanes = {lane["tenant"]: lane for lane in outcome["connections"]}
    assert min(lanes["acme"]["created"], lanes["acme"]["updated"], lanes["acme"]["noted"]) > 0
    assert min(lanes["nordlys"]["created"], lanes["nordlys"]["updated"], lanes["nordlys"]["noted"]) > 0
    assert lanes["fjordbank"]["sent"] > 300
    (inbound,) = outcome["inbound"]
    assert (inbound["tenant"], inbound["connection"], inbound["details"]) == ("fjordbank", "warehouse", [])
    assert inbound["posted"] == inbound["accepted"] + inbound["refused"]
    assert inbound["refused"] == 6
    assert inbound["bookmarks"] == 24
    assert inbound["repeated"] == 8
    assert inbound["reviews_waiting"] == 7
    # The doubles fail on purpose: a run without a single retry would have proved less.
    assert sum(lane["retried"] + lane["looked_up_after_no_answer"] for lane in lanes.values()) > 5
    assert sum(lane["dead"] for lane in lanes.values()) == 0


def test_vendor_documents_that_cannot_be_read_end_the_demo_with_5(tmp_path: Path) -> None:
    done = qmap("demo", env=environment(tmp_path / "state", {"QMAP_VENDOR_SPECS": str(tmp_path / "nowhere")}))
    assert done.returncode == 5
    assert done.stdout == ""
    assert "the sandbox does not start: " in done.stderr
    assert str(tmp_path / "nowhere") in done.stderr


def test_the_demo_needs_a_mappings_folder(tmp_path: Path) -> None:
    done = qmap("demo", env=environment(tmp_path / "state"), cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("qmap: there is no folder mappings here\n")


def test_an_error_in_a_mapping_ends_the_demo_before_anything_starts(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "mappings", tmp_path / "mappings", ignore=shutil.ignore_patterns("events"))
    path = tmp_path / "mappings" / "fjordbank" / "warehouse.yaml"
    path.write_text(path.read_text().replace("name: company.name", "name: company.nmae"))
    done = qmap("demo", env=environment(tmp_path / "state"), cwd=tmp_path)
    assert done.returncode == 1
    assert "QM211" in done.stdout
    assert "starting doubles" not in done.stderr


@pytest.mark.parametrize("arguments", [["demo", "--format", "yaml"], ["demo", "somewhere"]])
def test_wrong_use_of_the_demo_ends_with_2(arguments: list[str], tmp_path: Path) -> None:
    assert qmap(*arguments, env=environment(tmp_path)).returncode == 2


def test_a_second_demo_says_that_one_runs_and_touches_nothing_of_it(tmp_path: Path) -> None:
    env = environment(tmp_path / "state")
    first = subprocess.Popen(
        [*COMMAND, "demo"], env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        database = tmp_path / "state" / "demo" / "queast.db"
        ends = time.monotonic() + 60
        while not database.exists() and time.monotonic() < ends and first.poll() is None:
            time.sleep(0.05)
        inode = database.stat().st_ino
        second = qmap("demo", env=env)
        assert (second.returncode, second.stdout) == (5, "")
        assert "a demo is running in" in second.stderr
        assert database.stat().st_ino == inode
        named = qmap("demo", "--state", str(tmp_path / "state" / "demo"), env=env)
        assert named.returncode == 5
        out, err = first.communicate(timeout=280)
    finally:
        first.kill()
        first.wait()
    assert first.returncode == 0, err
    assert "no such table" not in err
    assert out


def test_a_demo_that_was_killed_leaves_no_lock_behind(tmp_path: Path) -> None:
    with alone_in(tmp_path / "demo"):
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        with pytest.raises(CommandError):
            alone_in(tmp_path / "demo").__enter__()
    (tmp_path / "demo" / "old" / "deep").mkdir(parents=True)
    (tmp_path / "demo" / "older.db").touch()
    with alone_in(tmp_path / "demo", emptied=True):
        assert [each.name for each in (tmp_path / "demo").iterdir()] == ["demo.lock"]


@pytest.mark.parametrize("target", ["demo", "demo-serve", "bench"])
def test_make_prints_nothing_of_its_own_where_a_target_prints_data(target: str) -> None:
    # As `make` reads it: lines without a sign before them are echoed on stdout, where the data goes.
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition(f"\n{target}:")[2].partition("\n\n")[0]
    lines = [line for line in recipe.splitlines() if line.startswith("\t")]
    assert lines
    assert all(line.startswith("\t@") for line in lines)
