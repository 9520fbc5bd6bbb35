"""The example tenants, compiled, published and run once against doubles in a process of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kill_harness import ROOT, TENANTS, Doubles, doubles

JsonObject = dict[str, Any]
COMMAND = (sys.executable, "-m", "queast_runtime.cli")


def environment(state: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a process environment with no operator setting but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QMAP_")}
    return {**kept, "QMAP_STATE": str(state), **(more or {})}


def qmap(
    *arguments: str | Path,
    env: Mapping[str, str],
    cwd: Path = ROOT,
    stdin: str | None = None,
    timeout: float = 90,
) -> subprocess.CompletedProcess[str]:
    """Run `qmap` to its end."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=dict(env),
        cwd=cwd,
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def event_file(tenant: str) -> Path:
    return ROOT / "mappings" / tenant / "events" / "stream.jsonl"


@dataclass(frozen=True)
class ExampleRun:
    """`state` is the runtime's folder, `plans` what was compiled, `before` what the doubles held after it."""

    doubles: Doubles
    state: Path
    plans: Path
    before: JsonObject

    def env(self, state: Path | None = None) -> dict[str, str]:
        return environment(state or self.state, self.doubles.environment)

    def run(self, events: Callable[[str], Path] = event_file, state: Path | None = None) -> JsonObject:
        """Run every tenant at the same time over its events; return what the doubles hold then."""
        run_all(self.env(state), events)
        return self.doubles.state()

    def fresh_ledger(self, folder: Path) -> Path:
        """Return a state folder with this one's keys and releases and no database."""
        for name in ("keys", "releases"):
            shutil.copytree(self.state / name, folder / name)
        return folder


def run_all(env: Mapping[str, str], events: Callable[[str], Path]) -> dict[str, JsonObject]:
    """Run `qmap run` for every tenant at once; each must end well. Returns what each printed."""
    started = [
        subprocess.Popen(
            [*COMMAND, "-q", "run", "--tenant", tenant, "--format", "json", str(events(tenant))],
            env=dict(env),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for tenant in TENANTS
    ]
    ended = [(*process.communicate(timeout=90), process.returncode) for process in started]
    assert [(complaint, code) for _, complaint, code in ended] == [("", 0)] * len(TENANTS), ended
    return {tenant: json.loads(printed) for tenant, (printed, _, _) in zip(TENANTS, ended, strict=True)}


@contextmanager
def example_run(folder: Path) -> Iterator[ExampleRun]:
    """Do the first run; the doubles stay up for the time of the block."""
    with doubles(folder / "doubles") as running:
        env = environment(folder / "state", running.environment)
        for arguments in (("compile", "-o", folder / "plans"), ("publish", folder / "plans")):
            done = qmap(*arguments, env=env)
            assert done.returncode == 0, done.stderr
        run_all(env, event_file)
        yield ExampleRun(running, folder / "state", folder / "plans", running.state())


def messages_of(state: JsonObject) -> dict[str, Any]:
    """Return webhook ids with what came under them, without how often and when."""
    rows: Mapping[str, JsonObject] = state["webhook"]["messages"]
    return {key: (row["path"], row["body"]) for key, row in rows.items()}


def written(rows: Mapping[str, JsonObject]) -> dict[str, int]:
    """Return how often each record was written, by its id."""
    return {key: row["writes"] for key, row in rows.items()}


def json_lines(path: Path, events: Sequence[JsonObject]) -> Path:
    path.write_text("".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events), encoding="utf-8")
    return path
