"""A release that is unsigned, altered, another tenant's or older runs nowhere: exit 6, a sentence, no request."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from example_run import ExampleRun, JsonObject, event_file, qmap
from queast_compiler.plan.canonical import dumps, loads

Spoil = Callable[[Path, ExampleRun], None]


def _unsigned(state: Path, run: ExampleRun) -> None:
    _change(state, lambda envelope: {**envelope, "signatures": []})


def _signed_by_nobody_here(state: Path, run: ExampleRun) -> None:
    shutil.rmtree(state / "keys")


def _payload_altered(state: Path, run: ExampleRun) -> None:
    def raised(envelope: JsonObject) -> JsonObject:
        payload = loads(base64.b64decode(envelope["payload"]))
        payload["sequence"] += 1
        return {**envelope, "payload": base64.b64encode(dumps(payload)).decode()}

    _change(state, raised)


def _plan_altered(state: Path, run: ExampleRun) -> None:
    for plan in (state / "releases" / "fjordbank" / "plans").glob("*.json"):
        plan.write_bytes(plan.read_bytes().replace(b"hooks.fjordbank.example", b"hooks.elsewhere.example"))


def _plan_missing(state: Path, run: ExampleRun) -> None:
    shutil.rmtree(state / "releases" / "fjordbank" / "plans")


def _of_another_tenant(state: Path, run: ExampleRun) -> None:
    shutil.rmtree(state / "releases" / "fjordbank")
    shutil.copytree(state / "releases" / "acme", state / "releases" / "fjordbank")


def _not_there(state: Path, run: ExampleRun) -> None:
    shutil.rmtree(state / "releases" / "fjordbank")


def _older(state: Path, run: ExampleRun) -> None:
    """A newer release ran here before; then somebody puts the older files back."""
    older = state.with_name("older")
    shutil.copytree(state / "releases", older)
    assert qmap("publish", run.plans, env=run.env(state)).returncode == 0
    empty = state.with_name("empty.jsonl")
    empty.write_text("")
    assert qmap("run", "--tenant", "fjordbank", empty, env=run.env(state)).returncode == 0
    shutil.rmtree(state / "releases")
    shutil.copytree(older, state / "releases")


def _change(state: Path, change: Callable[[JsonObject], JsonObject]) -> None:
    path = state / "releases" / "fjordbank" / "current.json"
    path.write_bytes(dumps(change(loads(path.read_bytes().rstrip(b"\n")))) + b"\n")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_unsigned, "sign"),
        (_signed_by_nobody_here, "key"),
        (_payload_altered, "signature"),
        (_plan_altered, "altered"),
        (_plan_missing, "is not here"),
        (_of_another_tenant, "tenant"),
        (_not_there, "no release"),
        (_older, "sequence 1, but 2 ran already"),
    ],
)
def test_such_a_release_is_refused_and_nothing_is_sent(
    spoil: Spoil, says: str, first_run: ExampleRun, tmp_path: Path
) -> None:
    state = first_run.fresh_ledger(tmp_path / "state")
    spoil(state, first_run)
    before = first_run.doubles.state()
    done = qmap("run", "--tenant", "fjordbank", event_file("fjordbank"), env=first_run.env(state))
    assert done.returncode == (2 if spoil is _not_there else 6), done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("qmap: ")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert first_run.doubles.state()["counters"] == before["counters"]
