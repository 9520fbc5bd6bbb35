"""Starts the doubles in one process and an engine in another, kills the engine, restarts it, and reads the doubles."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from queast_compiler.plan.directory import read_plans
from queast_compiler.plan.release import sign
from queast_runtime.ports.ledger import DeliveryFilter, DeliveryState
from queast_runtime.security.keys import development_key
from queast_runtime.security.releases import write_release
from queast_runtime.security.sealing import open_sealer
from queast_runtime.store.open import open_store
from queast_runtime.worker.clock import SystemClock

ROOT = Path(__file__).resolve().parents[1]
TENANTS = ("acme", "nordlys", "fjordbank")
_BY_THE_DOUBLE = frozenset({"createdate", "hs_lastmodifieddate", "hs_object_id", "hs_createdate"})


def compile_examples(folder: Path) -> Path:
    """Compile the example tenants once; return the folder of plans."""
    command = [sys.executable, "-m", "queast_runtime.cli", "compile", "mappings", "-o", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    return folder


@dataclass(frozen=True)
class Doubles:
    """Running doubles: `environment` is what an engine needs to reach them, `control` where to ask what they hold."""

    environment: Mapping[str, str]
    control: str

    def state(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.control}/state", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


@contextmanager
def doubles(folder: Path, *, faults: bool = False) -> Iterator[Doubles]:
    """Run the doubles, their records in memory of a process that the engine's death does not touch."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "queast_runtime.sandbox", "--mappings", "mappings"]
    command += ["--faults"] if faults else []
    environment = {**os.environ, "QMAP_STATE": str(folder)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        addresses = json.loads(process.stdout.readline())
        yield Doubles(dict(addresses["env"]), addresses["control"])
    finally:
        process.terminate()
        process.wait(20)
        assert process.stdout is not None
        process.stdout.close()


@dataclass(frozen=True)
class Engine:
    """How to start the engine under test: a module, and the state folder that survives its kills."""

    module: str
    state: Path
    plans: Path
    doubles: Doubles
    rate: float = 400

    def publish(self) -> None:
        """Sign the plans with the state folder's development key."""
        key = development_key(self.state)
        for tenant in TENANTS:
            plans = read_plans(self.plans, tenant)
            write_release(
                self.state, sign(plans, sequence=1, created_at=datetime(2026, 1, 1, tzinfo=UTC), key=key), plans
            )

    def start(self, tenant: str, fault: str | None = None) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **self.doubles.environment, "QMAP_STATE": str(self.state)}
        environment["QMAP_RATES"] = f"hubspot={self.rate},pipedrive={self.rate},webhook={self.rate}"
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")])
        if fault is not None:
            environment["QMAP_FAULT"] = fault
        events = sorted((ROOT / "mappings" / tenant / "events").glob("*.jsonl"))
        before = ["-q", "run", "--tenant"] if self.module == "queast_runtime.cli" else []
        command = [sys.executable, "-m", self.module, *before, tenant, *map(str, events)]
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def dead_letters(self, tenant: str) -> list[str]:
        """Why deliveries were given up, for a failing test to show."""
        store = open_store(f"sqlite:///{self.state / 'queast.db'}", open_sealer(self.state, SystemClock()))
        try:
            with store.read() as snapshot:
                dead = snapshot.deliveries(tenant, DeliveryFilter(states=(DeliveryState.DEAD,)), limit=1000)
        finally:
            store.close()
        return [f"{row.kind} after {row.attempts}: {row.error_message}" for row in dead]

    def finish(self, tenant: str, fault: str | None = None) -> int:
        """Run to the end; return the exit code (-9: killed at the armed fault point)."""
        return self.start(tenant, fault).wait(180)

    def killed_at_random(self, tenant: str, kills: int, seed: int, longest_s: float) -> int:
        """Start and SIGKILL `kills` times at seeded moments, then run to the end; return kills that hit it running."""
        draw, hit = random.Random(seed), 0
        for _ in range(kills):
            process = self.start(tenant)
            time.sleep(draw.uniform(0.3, longest_s))
            if process.poll() is None:
                hit += 1
                process.send_signal(signal.SIGKILL)
            process.wait(20)
        # The rest at full speed: what is to be killed is over.
        assert replace(self, rate=400).finish(tenant) == 0
        return hit


@dataclass(frozen=True)
class Outcome:
    """What the doubles hold in the end, free of ids and times that the double made up."""

    records: Counter[str]
    notes: Counter[str]
    messages: Mapping[str, str]
    repeats: int
    conflicts: int
    violations: int


def outcome(state: Mapping[str, Any], tenant: str) -> Outcome:
    """Reduce the doubles' state to what must be the same however often the engine was killed."""
    records: Sequence[Any] = ()
    notes: Sequence[Any] = ()
    messages: dict[str, str] = {}
    if tenant == "acme":
        companies = state["hubspot"]["companies"]
        names = {key: _key(row["properties"]) for key, row in companies.items()}
        records = list(names.values())
        notes = [
            _key({**row["properties"], "on": [names[link["to"]["id"]] for link in row["associations"]]})
            for row in state["hubspot"]["notes"].values()
        ]
    elif tenant == "nordlys":
        keep = ("name", "website", "industry", "employee_count", "owner_id", "address", "custom_fields")
        organizations = state["pipedrive"]["organizations"]
        names = {str(key): _key({one: row.get(one) for one in keep}) for key, row in organizations.items()}
        records = list(names.values())
        notes = [_key([row["content"], names[str(row["org_id"])]]) for row in state["pipedrive"]["notes"].values()]
    else:
        messages = {key: row["body_sha256"] for key, row in state["webhook"]["messages"].items()}
    return Outcome(
        Counter(records),
        Counter(notes),
        messages,
        state["webhook"]["repeats"],
        state["webhook"]["conflicts"],
        state["contract_violations"],
    )


def differences(undisturbed: Outcome, killed: Outcome) -> dict[str, int]:
    """Count what is lost and what is there twice or differs; webhook repeats under the same id and body are neither."""
    lost = sum((undisturbed.records - killed.records).values()) + sum((undisturbed.notes - killed.notes).values())
    more = sum((killed.records - undisturbed.records).values()) + sum((killed.notes - undisturbed.notes).values())
    missing = {key for key, body in undisturbed.messages.items() if killed.messages.get(key) != body}
    extra = killed.messages.keys() - undisturbed.messages.keys()
    return {
        "lost": lost + len(missing),
        "duplicates": more + len(extra) + killed.conflicts,
        "violations": killed.violations,
    }


def _key(value: Any) -> str:
    if isinstance(value, dict):
        value = {name: inner for name, inner in value.items() if name not in _BY_THE_DOUBLE}
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
