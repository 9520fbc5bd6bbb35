"""How long `qmap diff` takes as a whole process: over events and CRM records, and over many mappings against git."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.example_release import MAPPINGS
from tests.benchmarks.many_tenants import write
from tests.benchmarks.process import qmap
from tests.benchmarks.row import Row, at_most

RUNS = 3
EVENTS, RECORDS, MANY = 1_000, 400, 4_000
# Three mappings a tenant.
TENANTS = 34
# A lower threshold, and in each mapping another value.
_EDITS = (
    ("connections.yaml", "name: {review: 0.80}", "name: {auto_link: 0.88, review: 0.80}"),
    ("acme-hubspot.yaml", "queast_founded_on: company.founded_on", "city: company.city | upper"),
    ("nordlys-pipedrive.yaml", "address: company.city", "address: company.city | upper"),
    ("warehouse.yaml", "id: job_ad.id", "id: job_ad.id | upper"),
)
_GATED = 4


def run() -> Iterator[Row]:
    """Yield seconds of CPU and MiB over 1,000 events and 400 records; how memory grows with four times the events;
    seconds of CPU, git's too, over 102 mappings of which each changes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for side in ("old", "new"):
            shutil.copytree(MAPPINGS, folder / side, ignore=shutil.ignore_patterns("events", "sandbox.json", "tests"))
        _edit(folder / "new" / "acme", *_EDITS[:2])
        (folder / "records.jsonl").write_text(_records(RECORDS), encoding="utf-8")
        few, many = (folder / f"{count}.jsonl" for count in (EVENTS, MANY))
        few.write_text(_events(EVENTS), encoding="utf-8")
        many.write_text(_events(MANY), encoding="utf-8")
        runs = [_diff(folder, *_tried_on(few)) for _ in range(RUNS + 1)][1:]
        yield at_most("diff.events_cpu", sorted(cpu for cpu, _ in runs)[RUNS // 2], "s CPU", 3)
        memory = min(most for _, most in runs)
        yield Row("diff.events_memory", round(memory, 1), "MiB")
        yield at_most("diff.memory_of_4x_events", _diff(folder, *_tried_on(many))[1] / memory, "ratio", 1.1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, TENANTS)
        _git(folder, "init", "--quiet", "--initial-branch=main")
        _git(folder, "add", "mappings")
        _git(folder, "commit", "--quiet", "-m", "Begin")
        for tenant in (folder / "mappings").glob("tenant-*"):
            _edit(tenant, *_EDITS)
        asked = ("--against", "git:main", "--sample", "0")
        taken = sorted([_diff(folder, *asked)[0] for _ in range(RUNS + 1)][1:])
        yield at_most("diff.mappings_against_git", taken[RUNS // 2], "s CPU", 10)


def _tried_on(events: Path) -> tuple[str, ...]:
    return (
        *("new/acme", "--against", "old"),
        *("--events", str(events), "--records", "records.jsonl"),
    )


def _edit(tenant: Path, *edits: tuple[str, str, str]) -> None:
    for file, old, new in edits:
        text = (tenant / file).read_text(encoding="utf-8")
        if old not in text:
            raise RuntimeError(f"{file} has no {old!r} any more")
        (tenant / file).write_text(text.replace(old, new), encoding="utf-8")


def _events(count: int) -> str:
    """So many events of the example tenants' streams; past their end once more, every entity under another id."""
    lines: list[str] = []
    texts = [each.read_text(encoding="utf-8") for each in sorted(MAPPINGS.glob("*/events/stream.jsonl"))]
    kept = [each for each in map(_whole, "".join(texts).splitlines()) if each]
    turn = 0
    while len(lines) < count:
        for event in kept[: count - len(lines)]:
            lines.append(json.dumps(_turned(event, turn)))
        turn += 1
    return "\n".join(lines) + "\n"


def _whole(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    is_whole = isinstance(event, dict) and isinstance(event.get("data"), dict) and isinstance(event.get("id"), str)
    return event if is_whole else None


def _turned(value: Any, turn: int) -> Any:
    if isinstance(value, list):
        return [_turned(each, turn) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: f"{each}-{turn}" if turn and key in ("id", "company_id") and isinstance(each, str) else _turned(each, turn)
        for key, each in value.items()
    }


def _records(count: int) -> str:
    seeds = json.loads((MAPPINGS / "acme/sandbox.json").read_text(encoding="utf-8"))["companies"]
    seeds += json.loads((MAPPINGS / "nordlys/sandbox.json").read_text(encoding="utf-8"))["organizations"]
    rows = []
    for number in range(count):
        seed = seeds[number % len(seeds)]
        name = seed["name"] if number < len(seeds) else f"{seed['name']} {number}"
        rows.append(json.dumps({**seed, "object": "companies", "id": str(number), "name": name}))
    return "\n".join(rows) + "\n"


def _diff(folder: Path, *arguments: str) -> tuple[float, float]:
    """Return seconds of CPU, those of git among them, and MiB resident at most."""
    ran = qmap("diff", *arguments, cwd=folder, settings={"QMAP_STATE": str(folder / "state")})
    if ran.code != _GATED:
        raise RuntimeError(f"qmap diff ended with {ran.code}")
    return ran.cpu_s, ran.most_mib


def _git(folder: Path, *arguments: str) -> None:
    who = dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "bench")
    where = dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "bench@queast.example")
    environment = {**os.environ, **who, **where, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "-C", str(folder), *arguments], env=environment, check=True, timeout=120)
