"""A process with sandbox origins: which releases it runs, and what it says to a setting it cannot read."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from plans.samples import connection_plan, mapping_plan
from queast_compiler.plan.directory import PlanSet, plan_digest, plan_set
from queast_compiler.plan.release import sign
from queast_runtime.security.keys import development_key, trust
from queast_runtime.security.releases import write_release
from queast_runtime.security.sealing import open_sealer
from queast_runtime.settings import Settings
from queast_runtime.store.open import open_store
from queast_runtime.worker.clock import SystemClock
from queast_runtime.worker.opening import SettingUnusable, WorkerRefused, opened_worker

ORIGINS = "https://api.hubapi.com=8101"
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def plans() -> PlanSet:
    connection = connection_plan("acme")
    return plan_set(
        "acme", [connection], [replace(mapping_plan(tenant="acme"), connection_digest=plan_digest(connection))]
    )


def opened(state: Path, origins: str | None) -> None:
    settings = Settings(state=state, sandbox_origins=origins)
    store = open_store(settings.store_url, open_sealer(state, SystemClock()))

    async def work() -> None:
        async with opened_worker(settings, state, store, ["acme"]) as worker:
            assert list(worker.releases) == ["acme"]

    try:
        asyncio.run(work())
    finally:
        store.close()


def test_only_what_this_machine_signed_runs_where_doubles_can_be_reached(tmp_path: Path) -> None:
    """A release of production never meets a process whose requests go to a double."""
    theirs = Ed25519PrivateKey.generate()
    trust(tmp_path, theirs.public_key())
    write_release(tmp_path, sign(plans(), sequence=1, created_at=NOW, key=theirs), plans())
    opened(tmp_path, None)
    with pytest.raises(WorkerRefused):
        opened(tmp_path, ORIGINS)
    ours = sign(plans(), sequence=2, created_at=NOW, key=development_key(tmp_path))
    write_release(tmp_path, ours, plans())
    opened(tmp_path, ORIGINS)


@pytest.mark.parametrize("text", ["nonsense", "http://api.hubapi.com=8101", "https://api.hubapi.com=99999", " , "])
def test_origins_that_cannot_be_read_are_refused_by_name_before_anything_is_opened(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingUnusable, match="QMAP_SANDBOX_ORIGINS"):
        opened(tmp_path, text)


@pytest.mark.parametrize(
    "command", [["queast_runtime.worker", "acme"], ["queast_runtime.cli", "run", "--tenant", "acme"]]
)
def test_a_process_says_which_variable_it_cannot_read_and_ends_with_5(tmp_path: Path, command: list[str]) -> None:
    environment = {**os.environ, "QMAP_STATE": str(tmp_path), "QMAP_SANDBOX_ORIGINS": "nonsense"}
    environment.pop("QMAP_STORE", None)
    ended = subprocess.run(
        [sys.executable, "-m", *command, *(["/dev/null"] if "run" in command else [])],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 5, ended.stderr
    assert "QMAP_SANDBOX_ORIGINS" in ended.stderr
    assert "Traceback" not in ended.stderr
